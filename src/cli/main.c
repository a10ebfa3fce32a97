// main.c -- reads the command's name and calls it.
#include "base/base.h"
#include <stdio.h>

int main(void)
{
    puts("kappa");
    return 0;
}
