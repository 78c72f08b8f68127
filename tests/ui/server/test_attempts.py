"""Wrong passwords: counted by address and by account, slowed, and forgotten."""

from __future__ import annotations

import pytest

from ui.server.attempts import (
    FIRST_WAIT_SECONDS,
    FORGET_SECONDS,
    FREE_TRIES,
    LONGEST_WAIT_SECONDS,
    MAX_COUNTED,
    Attempts,
    neighbourhood,
)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


def test_wrong_tries_wait_longer_and_longer_up_to_a_limit() -> None:
    """A few are free, then each wait doubles; a try during a wait is not made and not counted."""
    clock = Clock()
    attempts = Attempts(clock)
    for _ in range(FREE_TRIES + 1):
        assert attempts.begin("10.0.0.1", "ada") == 0.0
    waits = []
    for _ in range(10):
        wait = attempts.begin("10.0.0.1", "ada")
        assert attempts.begin("10.0.0.1", "ada") == wait
        waits.append(wait)
        clock.at += wait
        assert attempts.begin("10.0.0.1", "ada") == 0.0
    assert waits[:4] == [FIRST_WAIT_SECONDS * 2**order for order in range(4)]
    assert waits[-1] == LONGEST_WAIT_SECONDS


def test_one_account_is_slowed_however_many_addresses_guess_it() -> None:
    """Guesses at one account from many addresses count together; another account from there need not wait."""
    attempts = Attempts(Clock())
    for number in range(FREE_TRIES + 1):
        assert attempts.begin(f"10.0.0.{number}", "ada") == 0.0
    assert attempts.begin("10.0.1.1", "ada") > 0
    assert attempts.begin("10.0.1.1", " ada ") > 0
    assert attempts.begin("10.0.1.1", "grace") == 0.0


def test_one_address_is_slowed_however_many_accounts_it_guesses() -> None:
    """One guess for each of many accounts is slowed too."""
    attempts = Attempts(Clock())
    for number in range(FREE_TRIES + 1):
        assert attempts.begin("10.0.0.1", f"user{number}") == 0.0
    assert attempts.begin("10.0.0.1", "another") > 0


def test_a_right_password_clears_no_count() -> None:
    """Whoever logs in between two guesses, from the same address, cannot guess faster for it."""
    attempts = Attempts(Clock())
    tries = 0
    while attempts.begin("10.0.0.1", f"user{tries}") == 0.0:
        tries += 1
        if attempts.begin("10.0.0.1", "colleague") == 0.0:
            attempts.succeed("10.0.0.1", "colleague")
        assert tries <= FREE_TRIES + 1
    assert tries == FREE_TRIES + 1


def test_right_passwords_are_not_counted() -> None:
    """Logging in often with the right password never makes anybody wait and leaves nothing behind."""
    attempts = Attempts(Clock())
    for _ in range(50):
        assert attempts.begin("10.0.0.1", "ada") == 0.0
        attempts.succeed("10.0.0.1", "ada")
    assert len(attempts) == 0


def test_guessing_from_elsewhere_does_not_lock_the_owner_out() -> None:
    """If an account has logged in before, strangers' guesses at it elsewhere do not count."""
    attempts = Attempts(Clock())
    assert attempts.begin("192.168.0.1", "ada") == 0.0
    attempts.succeed("192.168.0.1", "ada")
    for number in range(FREE_TRIES + 2):
        attempts.begin(f"10.0.0.{number}", "ada")
    assert attempts.begin("10.0.9.9", "ada") > 0
    assert attempts.begin("192.168.0.1", "ada") == 0.0


def test_an_hour_without_a_wrong_try_starts_again() -> None:
    """Yesterday's typing errors slow nobody down today."""
    clock = Clock()
    attempts = Attempts(clock)
    for _ in range(FREE_TRIES + 1):
        attempts.begin("10.0.0.1", "ada")
    clock.at += FORGET_SECONDS + 1
    assert attempts.begin("10.0.0.1", "ada") == 0.0
    assert attempts.begin("10.0.0.1", "ada") == 0.0


def test_memory_is_bounded_and_others_are_not_slowed() -> None:
    """Ten thousand guessing addresses leave the table bounded, and the next one free."""
    attempts = Attempts(Clock())
    for number in range(10_000):
        attempts.begin(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", f"user{number}")
    assert len(attempts) == MAX_COUNTED
    assert attempts.begin("192.168.0.1", "ada") == 0.0
    attempts.begin("x" * 10_000, "y" * 10_000)
    assert max(len(part) for key in attempts._tries for part in key) <= 64


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1%eth0", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.1"),
        ("::1", "::1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("nowhere", "nowhere"),
    ],
)
def test_a_network_of_ipv6_counts_as_one(address: str, network: str) -> None:
    """Whoever has one address of a 64-bit network has all of them, and is slowed with all of them."""
    assert neighbourhood(address) == network
