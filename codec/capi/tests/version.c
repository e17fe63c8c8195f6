/* What a program needs that is built against the installed library. */
#include <girih.h>
#include <stdio.h>

int main(void) {
    puts(girih_version());
    return 0;
}
