// Tests without a framework: a test registers itself, a failed check is printed and counted.
#pragma once

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

namespace check {

struct Test {
    const char* name;
    void (*run)();
};

inline std::vector<Test>& tests() {
    static std::vector<Test> all;
    return all;
}

inline int& num_failed() {
    static int count = 0;
    return count;
}

struct Registered {
    Registered(const char* name, void (*run)()) { tests().push_back({name, run}); }
};

inline bool that(bool is_so, const char* what, const char* file, int line) {
    if (!is_so) {
        std::fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
        ++num_failed();
    }
    return is_so;
}

inline int run_all() {
    for (const Test& test : tests()) {
        const int before = num_failed();
        test.run();
        if (num_failed() > before) std::fprintf(stderr, "FAILED %s\n", test.name);
    }
    std::printf("%zu tests, %d failed checks\n", tests().size(), num_failed());
    return num_failed() == 0 && !tests().empty() ? 0 : 1;
}

inline bool is_near(double value, double expected, double most = 1e-6) {
    return std::abs(value - expected) <= most;
}

}  // namespace check

#define CHECK(condition) check::that(static_cast<bool>(condition), #condition, __FILE__, __LINE__)
#define TEST(name)                                                 \
    static void name();                                            \
    static const check::Registered name##_registered(#name, name); \
    static void name()
