from actors.overload import Overload


def run(overload: Overload, age_s: float, start_s: float, seconds: int) -> list[int]:
    rates = []
    for second in range(seconds):
        for _ in range(30):
            overload.note(age_s)
        overload.look(start_s + second)
        rates.append(overload.fps)
    return rates


def test_nothing_is_skipped_while_frames_are_in_time() -> None:
    assert set(run(Overload(), 0.03, 0.0, 20)) == {30}


def test_one_bad_second_is_forgiven() -> None:
    overload = Overload()
    run(overload, 0.03, 0.0, 3)
    run(overload, 0.4, 3.0, 1)
    assert set(run(overload, 0.03, 4.0, 10)) == {30}


def test_lasting_overload_halves_the_rate_then_thirds_it_and_no_more() -> None:
    assert run(Overload(), 0.4, 0.0, 12)[-1] == 10
    rates = run(Overload(), 0.4, 0.0, 12)
    assert rates == sorted(rates, reverse=True)
    assert 15 in rates


def test_the_rate_comes_back_after_a_calm_while() -> None:
    overload = Overload()
    run(overload, 0.4, 0.0, 12)
    rates = run(overload, 0.03, 12.0, 20)
    assert rates[2] == 10
    assert rates[-1] == 30
    assert rates == sorted(rates)


def test_a_change_is_told_once() -> None:
    overload, told = Overload(), 0
    for second in range(8):
        overload.note(0.4)
        told += overload.look(float(second))
    assert told == 2
