"""What the points of a function do: work, or only cleaning up and telling."""

from tdxreview.cfront import ir
from tdxreview.dataflow.actions import Action, Test
from tdxreview.kernel.names import kernel_names


def is_work(action: Action) -> bool:
    """Tell whether a point does something, apart from cleaning up and printing."""
    if isinstance(action, Test):
        return True
    if isinstance(action, ir.Evaluate):
        value = action.value
        return not (isinstance(value, ir.Call) and value.name in kernel_names().calls.cleans_up)
    return isinstance(action, ir.Declare) and action.initial is not None


def span_of(action: Action) -> ir.Span:
    """Give the place of a point that does something."""
    if isinstance(action, Test):
        return action.value.span
    return action.span if isinstance(action, ir.Evaluate | ir.Declare) else ir.Span(0, 0, 0, 0)
