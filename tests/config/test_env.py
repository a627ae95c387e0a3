"""A wrong setting is one sentence that names the variable and what it takes."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env

pytestmark = pytest.mark.unit


def refusal(call):
    with pytest.raises(ImproperlyConfigured) as refused:
        call()
    return str(refused.value)


def test_text_returns_what_is_set(monkeypatch):
    monkeypatch.setenv("COLOUR", "green")
    assert env.text("COLOUR", default="red") == "green"


def test_text_takes_the_default_for_an_empty_variable(monkeypatch):
    monkeypatch.setenv("COLOUR", "")
    assert env.text("COLOUR", default="red") == "red"


def test_text_without_default_must_be_set(monkeypatch):
    monkeypatch.delenv("COLOUR", raising=False)
    said = refusal(lambda: env.text("COLOUR"))
    assert said == "COLOUR must be set to a text that is not empty."


def test_text_refuses_what_is_no_choice(monkeypatch):
    monkeypatch.setenv("COLOUR", "blue")
    said = refusal(lambda: env.text("COLOUR", choices=["red", "green"]))
    assert said == "COLOUR is 'blue'; accepted values: green, red."


@pytest.mark.parametrize("value", ["1", "true", "YES", " on "])
def test_flag_says_yes(monkeypatch, value):
    monkeypatch.setenv("WET", value)
    assert env.flag("WET") is True


@pytest.mark.parametrize("value", ["0", "False", "no", "OFF"])
def test_flag_says_no(monkeypatch, value):
    monkeypatch.setenv("WET", value)
    assert env.flag("WET", default=True) is False


@pytest.mark.parametrize("default", [True, False])
def test_flag_takes_the_default_when_unset(monkeypatch, default):
    monkeypatch.delenv("WET", raising=False)
    assert env.flag("WET", default=default) is default


def test_flag_refuses_anything_else(monkeypatch):
    monkeypatch.setenv("WET", "maybe")
    said = refusal(lambda: env.flag("WET"))
    assert said == (
        "WET is 'maybe'; accepted values: 1, on, true, yes, 0, false, no, off."
    )


@pytest.mark.parametrize(("value", "number"), [("1", 1), (" 7 ", 7), ("9", 9)])
def test_number_takes_both_ends(monkeypatch, value, number):
    monkeypatch.setenv("SIZE", value)
    assert env.number("SIZE", 5, minimum=1, maximum=9) == number


@pytest.mark.parametrize("value", ["0", "10", "-1", "1.5", "many", "²"])
def test_number_refuses_what_is_outside(monkeypatch, value):
    monkeypatch.setenv("SIZE", value)
    said = refusal(lambda: env.number("SIZE", 5, minimum=1, maximum=9))
    assert said == (f"SIZE is {value!r}; accepted values: whole numbers from 1 to 9.")


def test_number_takes_the_default_when_unset(monkeypatch):
    monkeypatch.delenv("SIZE", raising=False)
    assert env.number("SIZE", 5) == 5


def test_words_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("HOSTS", " a.example , b.example")
    assert env.words("HOSTS") == ["a.example", "b.example"]


def test_words_take_the_default_when_unset(monkeypatch):
    monkeypatch.setenv("HOSTS", "  ")
    assert env.words("HOSTS", default=["localhost"]) == ["localhost"]


def test_words_refuse_a_stray_comma(monkeypatch):
    monkeypatch.setenv("HOSTS", "a.example,,b.example")
    said = refusal(lambda: env.words("HOSTS"))
    assert said == (
        "HOSTS is 'a.example,,b.example'; "
        "accepted values: texts separated by single commas."
    )
