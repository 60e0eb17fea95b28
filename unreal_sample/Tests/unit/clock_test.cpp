#include "UmoClockOffset.h"
#include "UmoRoundTrip.h"
#include "check.h"

using check::is_near;

TEST(jitter_does_not_move_the_clock) {
    umo::ClockOffset clock;
    const double delays_s[] = {0.02, 0.05, 0.03, 0.12, 0.02, 0.08};
    for (int index = 0; index < 300; ++index) {
        const double stream_s = index / 30.0;
        clock.note(stream_s, 100 + stream_s + delays_s[index % 6], 0.01);
    }
    CHECK(is_near(clock.local_s(7), 107 + 0.02 - 0.005));
}

TEST(a_slow_clock_is_followed_slowly) {
    umo::ClockOffset clock;
    double before_s = 0;
    for (int index = 0; index < 900; ++index) {
        const double stream_s = index / 30.0;
        clock.note(stream_s, 1.002 * stream_s, 0);  // 2 ms a second
        const double local_s = clock.local_s(stream_s);
        CHECK(index == 0 || std::abs(local_s - before_s - 1 / 30.0) <= 0.0051 * 1.002 / 30.0);
        before_s = local_s;
    }
    CHECK(is_near(before_s, 1.002 * 899 / 30.0, 0.006));
}

TEST(a_stream_that_begins_anew_is_followed_at_once) {
    umo::ClockOffset clock;
    clock.note(50, 60, 0);
    clock.note(0, 5, 0);
    CHECK(is_near(clock.local_s(1), 6));
    clock.reset();
    CHECK(!clock.is_known());
    clock.note(0, 100, 0);
    CHECK(is_near(clock.local_s(1), 101));
}

TEST(the_least_round_trip_of_the_last_eight_counts) {
    umo::RoundTrip trip;
    CHECK(!trip.is_known() && trip.least_s() == 0);
    const double took_s[] = {0.5, 0.2, 0.4};
    for (const double took : took_s) trip.pong(trip.ping(10), 10 + took);
    CHECK(is_near(trip.least_s(), 0.2));
    for (int count = 0; count < 8; ++count) trip.pong(trip.ping(20), 20.3);
    CHECK(is_near(trip.least_s(), 0.3));
}

TEST(pongs_that_nobody_asked_for_mean_nothing) {
    umo::RoundTrip trip;
    trip.pong(0, 1);
    trip.pong(0xFFFFFFFF, 1);
    CHECK(!trip.is_known());
    for (int count = 0; count < 20; ++count) trip.ping(count);
    trip.pong(3, 30);  // long gone
    trip.pong(20, 30);  // not yet
    CHECK(!trip.is_known());
    trip.pong(19, 19.5);
    CHECK(is_near(trip.least_s(), 0.5));
}
