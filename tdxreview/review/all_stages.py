"""All patches of a series tried within one bound, so that the answer does not hang on who tries."""

from collections.abc import Callable, Iterable

from tdxreview.facts.collect import size_of
from tdxreview.kernel.knowledge import Abi
from tdxreview.program.effort import bounded
from tdxreview.review.ground import Ground
from tdxreview.review.patch_states import Stage, Trial
from tdxreview.rules.model import RuleSet
from tdxreview.series.model import Series
from tdxreview.source.model import PatchState
from tdxreview.store import NOWHERE

OnPatch = Callable[[int, int], None]
"""What is told how many patches of how many are done."""


def all_stages(
    series: Series, ground: Ground, rules: RuleSet, abi: Abi, jobs: int, on_patch: OnPatch
) -> tuple[Stage, ...]:
    """Give a stage for each patch of a series, a long one tried by `jobs` processes.

    Where walks run out of what they may use, what they tell hangs on what else was walked: then
    nothing is taken from an earlier run or another process.
    """
    text = sum(len(patch.diff) for patch in series.patches)
    size = text + size_of(ground.around.values())
    trial = Trial(rules, abi, ground.around, ground.store, jobs)
    with bounded(size) as own:
        stages = _tried(trial, series, ground.states, on_patch)
    if not (trial.failed or (own.sparing and trial.hangs_on_others)):
        return stages
    states = iter([stage.state for stage in stages])
    with bounded(size):
        trial = Trial(rules, abi, ground.around, None if ground.store is None else NOWHERE)
        return _tried(trial, series, states, on_patch)


def _tried(
    trial: Trial, series: Series, states: Iterable[PatchState], on_patch: OnPatch
) -> tuple[Stage, ...]:
    stages: list[Stage] = []
    try:
        for stage in trial.stages(states):
            stages.append(stage)
            on_patch(len(stages), len(series.patches))
    except Exception as error:
        patch = series.patches[len(stages)]
        error.add_note(f"in patch {patch.label}, {patch.subject}")
        raise
    return tuple(stages)
