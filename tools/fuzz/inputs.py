"""Which input a number stands for."""

from collections.abc import Callable
from random import Random

from msgspec.structs import replace

from tools.fuzz import mutate_bytes, mutate_code, mutate_hunks, mutate_mail
from tools.fuzz.arguments import command_line
from tools.fuzz.letters import STRAIGHT, Letter
from tools.fuzz.model import Input, chance
from tools.fuzz.planting import planted
from tools.fuzz.seeds import codes, diff_of, mails

_LARGEST = 100_000
_PLANTED, _COMMAND_LINES, _CODE = 0.2, 0.22, 0.6
_MUTATIONS: tuple[Callable[[bytes, Random], bytes], ...] = (
    *mutate_bytes.ALL,
    *mutate_mail.ALL,
    *mutate_hunks.ALL,
)


def input_of(seed: int, number: int) -> Input:
    """Give the input with this number; it depends on nothing else."""
    luck = chance(seed, number)
    share = luck.random()
    if share < _PLANTED:
        return planted(luck, number)
    if share < _COMMAND_LINES:
        return Input(number, ("arguments",), arguments=command_line(luck))
    return _code(luck, number) if share < _CODE else _mail(luck, number)


def _mail(luck: Random, number: int) -> Input:
    name, raw = luck.choice(mails())
    return _mutated(raw, (name,), luck, number)


def _code(luck: Random, number: int) -> Input:
    """Change code, carry it by mail, and sometimes change the mail as well."""
    rule, change = luck.choice(codes())
    how = [rule]
    text = change.after
    for mutate in luck.choices(mutate_code.ALL, k=luck.choice((1, 1, 2, 4))):
        text = mutate(text, luck, gas=not change.path.endswith((".c", ".h")))[:_LARGEST]
        how.append(mutate.__name__)
    letter = Letter("x86/virt/tdx: Try", diff_of(replace(change, after=text)), f"try-{number}")
    carrier = luck.choice(STRAIGHT)
    raw = carrier(replace(letter, diff=letter.diff.encode("utf-8", "replace").decode()), luck)
    how.append(carrier.__name__)
    if luck.random() < 0.7:
        return Input(number, tuple(how), raw)
    return _mutated(raw, tuple(how), luck, number)


def _mutated(raw: bytes, how: tuple[str, ...], luck: Random, number: int) -> Input:
    for mutate in luck.choices(_MUTATIONS, k=luck.choice((1, 1, 2, 3, 5))):
        raw = mutate(raw, luck)[:_LARGEST]
        how = (*how, mutate.__name__)
    return Input(number, how, raw)
