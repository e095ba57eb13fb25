"""VMX operation at a call, in the words of the verdict, with the ways that it comes from."""

from __future__ import annotations

from tdxreview.facts.kinds import Site
from tdxreview.facts.why.model import Path, StateAt, Wish
from tdxreview.facts.why.states import VMX, wanted_by


def vmx_at(site: Site, wishes: tuple[Wish, ...]) -> StateAt:
    """Give the state of VMX operation at a site."""
    steps = site.steps("vmx")
    paths = (Path(start="", value=str(site.vmx), steps=steps),) if steps else ()
    return StateAt(
        name=VMX,
        scope="cpu",
        value=str(site.vmx),
        wanted_by=wanted_by(VMX, wishes),
        paths=paths,
    )
