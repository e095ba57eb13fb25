"""Inputs that grow in one way: each shape gives, for a size, a patch of about that many parts.

They are what an attacker, or a generator of code, would send: little text that asks for much work.
"""

import base64
import gzip
from collections.abc import Callable, Iterator

Shape = Callable[[int], bytes]
_HEAD = (
    "From: Ann <ann@example.org>\nSubject: [PATCH{}] x86/virt/tdx: Grow {}\nMessage-ID: <{}@x>\n"
)
_PATH = "arch/x86/virt/vmx/tdx/tdx.c"
_CALL = "seamcall(TDH_SYS_LP_INIT, &args)"
SHAPES: dict[str, Shape] = {}


def shape(make: Shape) -> Shape:
    """Enter a function under its name."""
    SHAPES[make.__name__] = make
    return make


def patch(code: str, path: str = _PATH, number: str = "", ordinal: int = 1) -> bytes:
    """Give a mail with a patch that adds a file."""
    lines = code.splitlines()
    added = "".join(f"+{line}\n" for line in lines)
    diff = f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{len(lines)} @@\n{added}"
    head = _HEAD.format(number, ordinal, ordinal)
    return (
        f"{head}\nText.\n---\ndiff --git a/{path} b/{path}\nnew file mode 100644\n{diff}".encode()
    )


def function(body: str, name: str = "grow", static: str = "") -> str:
    """Give a function that has arguments for a SEAMCALL and the variables that bodies use."""
    head = f"{static}u64 {name}(int a, int b)\n{{\n\tstruct tdx_module_args args = {{}};\n"
    return f"{head}\tu64 err = 0;\n\tint i = 0;\n\n{body}\treturn err;\n}}\n"


def lines(number: int, line: str) -> str:
    """Give a line so many times, with N standing for its number."""
    return "".join(f"{line}\n".replace("N", str(each)) for each in range(number))


@shape
def fan_out(size: int) -> bytes:
    """Every function calls the next one twice: two to the n ways lead down."""
    texts = [function(f"\terr = {_CALL};\n", f"f{size}")]
    for at in reversed(range(size)):
        twice = f"\terr = f{at + 1}(a, b);\n\terr |= f{at + 1}(b, a);\n"
        texts += [function(twice, f"f{at}")]
    return patch("\n".join(texts))


@shape
def chain(size: int) -> bytes:
    """Every function calls the next one."""
    texts = [function(f"\terr = {_CALL};\n", f"f{size}")]
    texts += [function(f"\terr = f{at + 1}(a, b);\n", f"f{at}") for at in reversed(range(size))]
    return patch("\n".join(texts))


@shape
def chain_under_locks(size: int) -> bytes:
    """Every function takes a lock of its own and calls the next one."""
    texts = [function(f"\terr = {_CALL};\n", f"f{size}")]
    for at in reversed(range(size)):
        body = f"\tmutex_lock(&m{at});\n\terr = f{at + 1}(a, b);\n\tmutex_unlock(&m{at});\n"
        texts.append(function(body, f"f{at}"))
    return patch("\n".join(texts))


@shape
def cycle(size: int) -> bytes:
    """Functions that call each other in a circle."""
    texts = [
        function(f"\tif (a)\n\t\terr = {_CALL};\n\terr |= f{(at + 1) % size}(a, b);\n", f"f{at}")
        for at in range(size)
    ]
    return patch("\n".join(texts))


@shape
def all_to_all(size: int) -> bytes:
    """Every function calls a tenth of all others: the text grows as the square."""
    some = max(int(size**0.5), 1)
    texts = []
    for at in range(some):
        calls = "".join(f"\terr |= f{to}(a, b);\n" for to in range(some))
        texts.append(function(f"\terr = {_CALL};\n{calls}", f"f{at}"))
    return patch("\n".join(texts))


@shape
def callers(size: int) -> bytes:
    """One function with a SEAMCALL and many that call it."""
    texts = [function(f"\terr = {_CALL};\n", "inner")]
    texts += [function("\terr = inner(a, b);\n", f"f{at}") for at in range(size)]
    return patch("\n".join(texts))


@shape
def entry_points(size: int) -> bytes:
    """Many initcalls that come to one SEAMCALL."""
    texts = [function(f"\terr = {_CALL};\n", "inner")]
    for at in range(size):
        texts.append(f"static int __init f{at}(void)\n{{\n\treturn inner(1, 2) ? -EIO : 0;\n}}")
        texts.append(f"early_initcall(f{at});\n")
    return patch("\n".join(texts))


@shape
def callbacks(size: int) -> bytes:
    """Many functions that are handed to every CPU."""
    texts = []
    for at in range(size):
        texts.append(
            f"static void run{at}(void *data)\n{{\n\tstruct tdx_module_args args = {{}};\n"
        )
        texts.append(f"\t*(u64 *)data = {_CALL};\n}}\n")
        texts.append(function(f"\ton_each_cpu(run{at}, &err, 1);\n", f"f{at}"))
    return patch("\n".join(texts))


@shape
def pointers(size: int) -> bytes:
    """A table of functions, each with a SEAMCALL."""
    texts = [function(f"\terr = {_CALL};\n", f"f{at}", "static ") for at in range(size)]
    table = lines(size, "\t[N] = fN,")
    use = function("\tfor (i = 0; i < 9; i++)\n\t\terr |= table[i](a, b);\n", "use")
    return patch("\n".join([*texts, f"static u64 (*table[])(int, int) = {{\n{table}}};\n", use]))


@shape
def gotos(size: int) -> bytes:
    """A SEAMCALL before each label, and a goto back and forth."""
    body = lines(size, f"lN:\n\terr = {_CALL};\n\tif (err == N)\n\t\tgoto rN;")
    body += lines(size, "rN:\n\tif (a == N)\n\t\tgoto lN;")
    return patch(function(body))


@shape
def computed_gotos(size: int) -> bytes:
    """A table of labels."""
    table = lines(size, "\t\t&&lN,")
    body = f"\tvoid *t[] = {{\n{table}\t}};\n\n\tgoto *t[a];\n"
    return patch(function(body + lines(size, f"lN:\n\terr = {_CALL};")))


@shape
def switch(size: int) -> bytes:
    """A switch with many cases, each with a SEAMCALL."""
    cases = lines(size, f"\tcase N:\n\t\terr = {_CALL};\n\t\tbreak;")
    return patch(function(f"\tswitch (a) {{\n{cases}\t}}\n"))


@shape
def falling_switch(size: int) -> bytes:
    """The same, where every case falls through."""
    cases = lines(size, f"\tcase N:\n\t\terr |= {_CALL};\n\t\tfallthrough;")
    return patch(function(f"\tswitch (a) {{\n{cases}\tdefault:\n\t\tbreak;\n\t}}\n"))


@shape
def switches(size: int) -> bytes:
    """Many switches, one after the other."""
    case = "\t\tcase 1:\n\t\t\terr |= 1;\n\t\t\tbreak;\n\t\tcase 2:\n\t\t\tb++;\n\t\t}"
    return patch(function(lines(size, "\tswitch (a + N) {\n" + case) + f"\terr = {_CALL};\n"))


@shape
def if_ladder(size: int) -> bytes:
    """Many conditions, each another: two to the n ways through the function."""
    return patch(function(lines(size, f"\tif (a & N)\n\t\terr = {_CALL};")))


@shape
def else_ladder(size: int) -> bytes:
    """A ladder of else if."""
    body = f"\tif (a == -1)\n\t\terr = {_CALL};\n"
    return patch(function(body + lines(size, f"\telse if (a == N)\n\t\terr = {_CALL};")))


@shape
def nested_ifs(size: int) -> bytes:
    """Conditions in each other; the indentation stays."""
    body = lines(size, "\tif (a > N) {") + f"\terr = {_CALL};\n" + "\t}\n" * size
    return patch(function(body))


@shape
def nested_loops(size: int) -> bytes:
    """Loops in each other."""
    body = lines(size, "\tfor (i = N; i < a; i++) {") + f"\terr = {_CALL};\n" + "\t}\n" * size
    return patch(function(body))


@shape
def loops(size: int) -> bytes:
    """Loops that try again, one after the other."""
    loop = f"\tdo {{\n\t\terr = {_CALL};\n\t}} while (err == TDX_RND_NO_ENTROPY && i++ < N);"
    return patch(function(lines(size, loop)))


@shape
def blocks(size: int) -> bytes:
    """Blocks in each other."""
    return patch(function("\t{\n" * size + f"\terr = {_CALL};\n" + "\t}\n" * size))


@shape
def sites(size: int) -> bytes:
    """Many SEAMCALLs in one function."""
    return patch(function(lines(size, f"\terr |= {_CALL};")))


@shape
def tested_sites(size: int) -> bytes:
    """Many SEAMCALLs in one function, each with its test and its way out."""
    test = f"\terr = {_CALL};\n\tif (err)\n\t\tgoto out;"
    return patch(function(lines(size, test) + "out:\n"))


@shape
def unwinding(size: int) -> bytes:
    """Each step has its own label in the way back."""
    test = f"\terr = {_CALL};\n\tif (err)\n\t\tgoto outN;"
    back = "".join(f"out{at}:\n\tb--;\n" for at in reversed(range(size)))
    return patch(function(lines(size, test) + back))


@shape
def variables(size: int) -> bytes:
    """Many statuses that are kept and tested later."""
    body = lines(size, f"\tu64 eN = {_CALL};")
    return patch(function(body + lines(size, "\tif (eN)\n\t\treturn eN;")))


@shape
def copies(size: int) -> bytes:
    """A status that is handed from variable to variable."""
    body = f"\tu64 e0 = {_CALL};\n" + "".join(f"\tu64 e{n + 1} = e{n};\n" for n in range(size))
    return patch(function(f"{body}\terr = e{size};\n"))


@shape
def comparisons(size: int) -> bytes:
    """A status that is compared with many constants."""
    body = f"\terr = {_CALL};\n" + lines(
        size, "\tif ((err & 0xffffffff00000000ULL) == N)\n\t\tb++;"
    )
    return patch(function(body))


@shape
def registers(size: int) -> bytes:
    """Many assignments to the arguments before one SEAMCALL."""
    body = lines(size, "\tif (a == N)\n\t\targs.rcx = N;\n\targs.rdx = a + N;")
    return patch(function(f"{body}\terr = {_CALL};\n"))


@shape
def locks(size: int) -> bytes:
    """Many locks held at once."""
    body = lines(size, "\tmutex_lock(&mN);") + f"\terr = {_CALL};\n"
    return patch(function(body + lines(size, "\tmutex_unlock(&mN);")))


@shape
def conditional_locks(size: int) -> bytes:
    """Many locks, each held or not."""
    body = lines(size, "\tif (a & N)\n\t\tmutex_lock(&mN);") + f"\terr = {_CALL};\n"
    return patch(function(body + lines(size, "\tif (a & N)\n\t\tmutex_unlock(&mN);")))


@shape
def guards(size: int) -> bytes:
    """Many guards in one scope."""
    return patch(function(lines(size, "\tguard(mutex)(&mN);") + f"\terr = {_CALL};\n"))


@shape
def powers(size: int) -> bytes:
    """VMX turned on and off many times, on conditions."""
    step = "\tif (a & N)\n\t\tcpu_vmxon(b);\n\tif (b & N)\n\t\tcpu_vmxoff();"
    return patch(function(lines(size, f"{step}\n\terr |= {_CALL};")))


@shape
def allocations(size: int) -> bytes:
    """Pages that are given to the module, one after the other."""
    step = "\tvoid *pN = (void *)__get_free_page(GFP_KERNEL);\n\n\tif (!pN)\n\t\treturn N;"
    step += "\n\targs.rcx = __pa(pN);\n\terr = seamcall(TDH_MNG_CREATE, &args);"
    step += "\n\tif (err)\n\t\tfree_page((unsigned long)pN);"
    return patch(function(lines(size, step)))


@shape
def lifecycle(size: int) -> bytes:
    """The steps of a module's life in any order, on conditions."""
    calls = ("TDH_SYS_INIT", "TDH_SYS_CONFIG", "TDH_SYS_KEY_CONFIG", "TDH_SYS_TDMR_INIT")
    step = "".join(
        f"\tif (a & N{at})\n\t\terr = seamcall({leaf}, &args);\n" for at, leaf in enumerate(calls)
    )
    return patch(function(lines(size, step)))


@shape
def long_sum(size: int) -> bytes:
    """One expression with many terms, in lines."""
    return patch(function(f"\terr = {_CALL}\n" + lines(size, "\t\t| (a + N)") + "\t\t;\n"))


@shape
def parentheses(size: int) -> bytes:
    """An expression in many parentheses."""
    return patch(function(f"\terr = {'(' * size}{_CALL}{')' * size};\n"))


@shape
def ternaries(size: int) -> bytes:
    """A chain of conditional expressions."""
    return patch(function("\terr =\n" + lines(size, f"\t\ta == N ? {_CALL} :") + "\t\t0;\n"))


@shape
def conjunction(size: int) -> bytes:
    """A condition of many parts."""
    body = (
        "\tif (a\n" + lines(size, "\t    && (a != N || b == N)") + f"\t    )\n\t\terr = {_CALL};\n"
    )
    return patch(function(body))


@shape
def casts(size: int) -> bytes:
    """A value behind many casts and operators."""
    return patch(function(f"\terr = {'(u64)' * size}{_CALL};\n\tif ({'!' * size}err)\n\t\tb++;\n"))


@shape
def members(size: int) -> bytes:
    """A long path of members and indices."""
    return patch(function(f"\terr = {_CALL};\n\tx{'->y[0].z' * size} = err;\n"))


@shape
def nested_calls(size: int) -> bytes:
    """Calls as arguments of calls."""
    return patch(function(f"\terr = {'f(a, ' * size}{_CALL}{')' * size};\n"))


@shape
def doubling_macros(size: int) -> bytes:
    """Macros that each hold the next one twice."""
    macros = "".join(f"#define M{at} (M{at + 1} | M{at + 1})\n" for at in range(size))
    return patch(f"{macros}#define M{size} {_CALL}\n\n" + function("\terr = M0;\n"))


@shape
def doubling_arguments(size: int) -> bytes:
    """Macros that each use their argument twice."""
    macros = "".join(f"#define D{at}(x) D{at + 1}((x) | (x))\n" for at in range(size))
    return patch(f"{macros}#define D{size}(x) (x)\n\n" + function(f"\terr = D0({_CALL});\n"))


@shape
def macro_chain(size: int) -> bytes:
    """Macros that each call the next one."""
    macros = "".join(f"#define M{at}(x) M{at + 1}(x)\n" for at in range(size))
    text = f"{macros}#define M{size}(x) seamcall((x), &args)\n\n"
    return patch(text + function("\terr = M0(TDH_SYS_LP_INIT);\n"))


@shape
def macro_uses(size: int) -> bytes:
    """A long macro that is used often."""
    some = max(int(size**0.5), 1)
    body = " \\\n".join(f"\tif (x == {at}) err |= {_CALL};" for at in range(some))
    text = f"#define LONG(x) do {{ \\\n{body} \\\n}} while (0)\n\n"
    return patch(text + function(lines(some, "\tLONG(a + N);")))


@shape
def defines(size: int) -> bytes:
    """Many constants."""
    return patch(lines(size, "#define TDH_NEW_N\t\tN") + "\n" + function(f"\terr = {_CALL};\n"))


@shape
def statuses(size: int) -> bytes:
    """Many status codes."""
    return patch(
        lines(size, "#define TDX_ODD_N\t0x8000N00000000ULL") + function(f"\terr = {_CALL};\n")
    )


@shape
def conditionals(size: int) -> bytes:
    """Conditional assembly in each other."""
    text = lines(size, "#ifdef CONFIG_N") + function(f"\terr = {_CALL};\n") + "#endif\n" * size
    return patch(text)


@shape
def alternatives(size: int) -> bytes:
    """A function with many parts that are compiled or not."""
    part = f"#ifdef CONFIG_N\n\terr = {_CALL};\n#else\n\tb++;\n#endif"
    return patch(function(lines(size, part)))


@shape
def functions(size: int) -> bytes:
    """Many functions, each with its own SEAMCALL."""
    return patch("\n".join(function(f"\terr = {_CALL};\n", f"f{at}") for at in range(size)))


@shape
def prototypes(size: int) -> bytes:
    """Many declarations."""
    return patch(lines(size, "u64 fN(int a, int b);") + function(f"\terr = {_CALL};\n"))


@shape
def comments(size: int) -> bytes:
    """Many comments around one call."""
    return patch(function(lines(size, "\t/* seamcall N */") + f"\terr = {_CALL};\n"))


@shape
def open_brackets(size: int) -> bytes:
    """Brackets that nobody closes."""
    return patch(f"u64 f(void)\n{{\n\treturn seamcall{'({[' * size}\n")


@shape
def statement_expressions(size: int) -> bytes:
    """Statement expressions in each other."""
    return patch(
        function(
            f"\terr = {'({ ' * size}{_CALL};{' })' + ';' if size else ''}{' });' * (size - 1)}\n"
        )
    )


@shape
def initialisers(size: int) -> bytes:
    """A structure with many fields."""
    fields = lines(size, "\t\t.rN = N,")
    body = f"\tstruct tdx_module_args big = {{\n{fields}\t}};\n\n\terr = seamcall(1, &big);\n"
    return patch(function(body))


@shape
def strings(size: int) -> bytes:
    """A long message in pieces."""
    return patch(
        function(
            '\tpr_err("a"\n' + lines(size, '\t       "N"') + f"\t       );\n\terr = {_CALL};\n"
        )
    )


@shape
def hunks(size: int) -> bytes:
    """Many hunks of one file, nothing else of it in view."""
    parts = [
        f"@@ -{10 * at + 1},2 +{10 * at + 1},3 @@ u64 f{at}(void)\n \tint a;\n"
        f"+\terr = {_CALL};\n \treturn 0;\n"
        for at in range(size)
    ]
    diff = f"diff --git a/{_PATH} b/{_PATH}\n--- a/{_PATH}\n+++ b/{_PATH}\n" + "".join(parts)
    return f"{_HEAD.format('', 1, 1)}\nText.\n---\n{diff}".encode()


@shape
def files(size: int) -> bytes:
    """Many small files in one patch."""
    code = "u64 fN(void)\n{\n\tstruct tdx_module_args args = {};\n\n\treturn " + _CALL + ";\n}\n"
    parts = []
    for at in range(size):
        path = f"arch/x86/virt/vmx/tdx/f{at}.c"
        text = "".join(f"+{line}\n" for line in code.replace("N", str(at), 1).splitlines())
        parts.append(f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n")
        parts.append(f"+++ b/{path}\n@@ -0,0 +1,6 @@\n{text}")
    return f"{_HEAD.format('', 1, 1)}\nText.\n---\n{''.join(parts)}".encode()


def _mailbox(mails: Iterator[bytes]) -> bytes:
    return b"".join(b"From git Mon Sep 17 00:00:00 2001\n" + mail + b"\n" for mail in mails)


@shape
def patches(size: int) -> bytes:
    """A series of many patches, each with a file of its own."""
    return _mailbox(
        patch(
            function(f"\terr = {_CALL};\n", f"f{at}"),
            f"arch/x86/virt/vmx/tdx/f{at}.c",
            f" {at}/{size}",
            at,
        )
        for at in range(1, size + 1)
    )


@shape
def patches_to_one_file(size: int) -> bytes:
    """A series of many patches, each of which adds a function to one file."""
    return _mailbox(_added(at, size) for at in range(size))


def _added(at: int, size: int) -> bytes:
    text = function(f"\terr = {_CALL};\n", f"f{at}").splitlines()
    added = "".join(f"+{line}\n" for line in text)
    old = "--- /dev/null" if at == 0 else f"--- a/{_PATH}"
    place = f"@@ -{0 if at == 0 else at * len(text)},0 +{at * len(text) + 1},{len(text)} @@"
    head = _HEAD.format(f" {at + 1}/{size}", at, at + 1)
    new = "new file mode 100644\n" if at == 0 else ""
    diff = f"diff --git a/{_PATH} b/{_PATH}\n{new}{old}\n+++ b/{_PATH}\n{place}\n{added}"
    return f"{head}\nText.\n---\n{diff}-- \n2.40.0\n".encode()


@shape
def replies(size: int) -> bytes:
    """A patch, and many mails that answer each other."""
    first = patch(function(f"\terr = {_CALL};\n"))
    head = "From: Bob <bob@example.org>\nSubject: Re: [PATCH] x86/virt/tdx: Grow\n"
    answers = (
        f"{head}Message-ID: <r{at}@x>\nIn-Reply-To: <{f'r{at - 1}' if at else '1'}@x>\n\n"
        f"> +\terr = {_CALL};\nWhy {at}?\n".encode()
        for at in range(size)
    )
    return _mailbox(iter([first, *answers]))


@shape
def versions(size: int) -> bytes:
    """Many versions of one patch."""
    code = function(f"\terr = {_CALL};\n")
    return _mailbox(patch(code, number=f" v{at}", ordinal=at) for at in range(1, size + 1))


@shape
def attachments(size: int) -> bytes:
    """Compressed attachments that are small together and large when they are opened."""
    small = base64.encodebytes(gzip.compress(b"+seamcall(1);\n" * 1_000_000, mtime=0)).decode()
    kind = "Content-Type: text/x-patch; name={}.patch.gz\nContent-Transfer-Encoding: base64"
    parts = "".join(f"--b\n{kind.format(at)}\n\n{small}" for at in range(max(size // 50, 1)))
    head = (
        _HEAD.format("", 1, 1) + "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    )
    return f"{head}--b\n\nText.\n{parts}--b--\n".encode()


@shape
def compressed(size: int) -> bytes:
    """A mailbox that is small as it is sent."""
    code = function(lines(min(size, 4000) * 100, f"\terr = {_CALL};"))
    return gzip.compress(patch(code), mtime=0)


@shape
def nested_mails(size: int) -> bytes:
    """Mails in mails."""
    mail = patch(function(lines(size, f"\terr = {_CALL};"))).decode()
    for at in range(min(size, 8)):
        mail = (
            f"From: a@b\nSubject: {at}\nContent-Type: multipart/mixed; boundary=b{at}\n\n"
            f"--b{at}\nContent-Type: message/rfc822\n\n{mail}\n--b{at}--\n"
        )
    return mail.encode()


@shape
def tangles(size: int) -> bytes:
    """Many short functions, each with more paths than can be followed."""
    ladder = lines(12, f"\tif (a & N)\n\t\terr = {_CALL};\n\tif (b == N)\n\t\tcpu_vmxon(b);")
    return patch("\n".join(function(ladder, f"f{at}") for at in range(size)))


@shape
def tangled_locks(size: int) -> bytes:
    """The same with locks."""
    ladder = lines(12, "\tif (a & N)\n\t\tmutex_lock(&mN);") + f"\terr = {_CALL};\n"
    return patch("\n".join(function(ladder, f"f{at}") for at in range(size)))
