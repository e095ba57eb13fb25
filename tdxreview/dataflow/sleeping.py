"""Which calls may block: the kernel's own by name, those of the code by what they call."""

import re
from dataclasses import dataclass, field

from tdxreview.cfront import ir
from tdxreview.kernel.context import Blocks
from tdxreview.program.symbols import Key, Symbols, key_of
from tdxreview.program.unit import Function

DEEPEST = 5
"""Calls that are followed into each other."""
_SLEEPS = re.compile(
    r"^(?:mutex_lock(?:_nested|_interruptible|_killable|_io)?"
    r"|down(?:_read|_write)?(?:_nested|_killable|_interruptible)?"
    r"|msleep(?:_interruptible)?|ssleep|fsleep|usleep_range(?:_state)?|schedule(?:_timeout\w*)?"
    r"|_?cond_resched(?:_lock|_rwlock_\w+)?|might_sleep(?:_if)?|might_fault|might_alloc|yield"
    r"|wait_event\w*|wait_for_completion\w*|wait_on_bit\w*|synchronize_s?rcu\w*|rcu_barrier"
    r"|copy_(?:to|from)_user|clear_user|(?:get|put)_user|strncpy_from_user|memdup_user\w*"
    r"|__?copy_(?:to|from)_user|strndup_user|vmemdup_user"
    r"|kvm_(?:read|write)_guest\w*|kvm_vcpu_(?:read|write)_guest\w*"
    r"|flush_work|flush_workqueue|cancel_(?:delayed_)?work_sync|flush_delayed_work|kthread_stop"
    r"|smp_call_on_cpu|work_on_cpu\w*|stop_machine\w*|schedule_on_each_cpu"
    r"|cpus_(?:read|write)_lock|get_online_(?:mems|cpus)|mem_hotplug_begin|lock_device_hotplug"
    r"|v[mz]alloc\w*|__vmalloc\w*|vcalloc|vfree|kvfree_sensitive|vmap|vunmap|ioremap\w*|iounmap"
    r"|alloc_contig_pages|free_contig_range|request_firmware\w*|firmware_request\w*"
    r"|alloc_workqueue|pin_user_pages\w*|get_user_pages\w*|unpin_user_pages\w*"
    r"|static_branch_(?:enable|disable)|free_percpu|alloc_percpu\w*|cpuhp_(?:setup|remove)_state\w*"
    r"|misc_cg_\w+wait|kmem_cache_create\w*|kmem_cache_destroy)$"
)
_ALLOCATES = re.compile(
    r"^(?:k[mzc]alloc\w*|kv[mzc]alloc\w*|kmem_cache_\w*alloc\w*|alloc_pages?\w*|__alloc_pages\w*"
    r"|__get_free_pages?|get_zeroed_page\w*|kmemdup\w*|kstrdup\w*|kasprintf|folio_alloc\w*"
    r"|zalloc_cpumask_var\w*|alloc_cpumask_var\w*|krealloc\w*|ida_alloc\w*|idr_alloc\w*|devm_k\w+)$"
)
_MAY_WAIT = re.compile(r"^(?:GFP_(?:KERNEL|USER|HIGHUSER|NOFS|NOIO)\w*|__GFP_(?:DIRECT_)?RECLAIM)$")
_CPUS = re.compile(
    r"^(?:on_each_cpu\w*|smp_call_function(?:_many|_single|_any)?|wbinvd_on_\w*cpus?"
    r"|wbnoinvd_on_\w+|wrmsr_on_cpus?|rdmsr_on_cpus?|kick_all_cpus_sync)$"
)


def sleeps(name: str) -> bool:
    """Tell whether a function of the kernel's own may sleep, whatever it is given."""
    return bool(_SLEEPS.match(name))


@dataclass
class Blockers:
    """The answers for all functions of one state."""

    symbols: Symbols
    known: dict[tuple[Key, int], tuple[Blocks, tuple[str, ...]] | None] = field(
        default_factory=dict
    )
    """By function and depth: an answer cut short is not given to who asks from further up."""

    def of(self, call: ir.Call, path: str, depth: int = 0) -> tuple[Blocks, tuple[str, ...]] | None:
        """Return what a call in a file may do and the calls that lead to it, None if harmless."""
        if blocks := _by_name(call):
            return blocks, (call.name,)
        function = self.symbols.function(call.name, path)
        if function is None or not function.text.head or depth > DEEPEST:
            return None
        key = key_of(function), depth
        if key not in self.known:
            self.known[key] = self._inside(function, depth)
        found = self.known[key]
        return found and (found[0], (call.name, *found[1]))

    def _inside(self, function: Function, depth: int) -> tuple[Blocks, tuple[str, ...]] | None:
        found = [self.of(call, function.path, depth + 1) for call in function.calls]
        known = [each for each in found if each is not None]
        return next((each for each in known if each[0] is Blocks.SLEEPS), next(iter(known), None))


def _by_name(call: ir.Call) -> Blocks | None:
    if _SLEEPS.match(call.name):
        return Blocks.SLEEPS
    if _CPUS.match(call.name):
        return Blocks.WAITS_FOR_CPUS
    if _ALLOCATES.match(call.name) and any(_may_wait(each) for each in call.arguments):
        return Blocks.SLEEPS
    return None


def _may_wait(node: ir.Expr) -> bool:
    return any(isinstance(each, ir.Name) and _MAY_WAIT.match(each.id) for each in ir.walk(node))
