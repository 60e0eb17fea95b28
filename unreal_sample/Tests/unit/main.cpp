#include "check.h"
#include "golden.h"

int main(int num_arguments, char** arguments) {
    if (num_arguments != 2) {
        std::fprintf(stderr, "usage: umo_unit FOLDER_OF_GOLDEN_FILES\n");
        return 2;
    }
    golden::folder() = arguments[1];
    return check::run_all();
}
