"""Opens the catalog of a kappa warehouse in PyIceberg: python3 read_with_pyiceberg.py WAREHOUSE TABLE COLUMN
   pip install 'pyiceberg[sql-sqlite,pyarrow]'"""
import os
import sys

from pyiceberg.catalog import load_catalog

warehouse, table, column = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3]
catalog = load_catalog("lake", type="sql", uri=f"sqlite:///{warehouse}/catalog.db", warehouse=f"file://{warehouse}")
rows = catalog.load_table(table).scan().to_arrow()
print(rows.num_rows, sum(rows[column].to_pylist()))
