"Runs the code of a box in the browser's Python: what it prints, its last value, its pictures; or its error, in a line."
import ast
import base64
import contextlib
import io
import json
import sys
import traceback
import warnings

MOST = 20_000  # characters that a box shows
BOX, BEFORE, TEST = "<box>", "<before>", "<test>"


def told(message, category, *where) -> None:
    "A warning in one line."
    print(f"{category.__name__}: {message}")


def evaluated(code: str, names: dict):
    "Run the code; the value of its last line where that is an expression without a semicolon, as in a notebook."
    tree = ast.parse(code, BOX)
    last = tree.body[-1] if tree.body else None
    shown = isinstance(last, ast.Expr) and not code.rstrip().endswith(";")
    exec(compile(ast.Module(tree.body[:-1] if shown else tree.body, []), BOX, "exec"), names)
    return eval(compile(ast.Expression(last.value), BOX, "eval"), names) if shown else None


def pictures() -> list[str]:
    "The figures that are open, as PNG in base 64; then they are closed."
    plt = sys.modules.get("matplotlib.pyplot")
    found = []
    for number in plt.get_fignums() if plt else ():
        file = io.BytesIO()
        plt.figure(number).savefig(file, format="png", bbox_inches="tight")
        found.append(base64.b64encode(file.getvalue()).decode())
    if plt:
        plt.close("all")
    return found


def missing(error: BaseException | None) -> str:
    "The module that was not there, where that caused the error."
    while error and not isinstance(error, ModuleNotFoundError):
        error = error.__cause__ or error.__context__
    return error.name.partition(".")[0] if error else ""


def row(error: BaseException, file: str) -> int:
    "The last line of a file that an error went through, 0 where it did not."
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno
    frames = reversed(traceback.extract_tb(error.__traceback__))
    return next((frame.lineno for frame in frames if frame.filename == file), 0)


def last_line(error: BaseException, test: str) -> str:
    "The last line of the error's traceback, with the line of the box that it comes from, or that of the test."
    words = traceback.format_exception_only(error)[-1].strip()
    if number := row(error, BOX):
        return f"line {number}: {words}"
    if number := row(error, TEST):
        return f"The test says: {words if str(error) else test.splitlines()[number - 1].strip()}"
    return words


def answer(before: str, code: str, test: str = "") -> str:
    "What the code gives, and whether it passes the test, as JSON; with `missing`, a module that must be loaded first."
    names, said, found = {"__name__": "__main__"}, io.StringIO(), {"text": "", "html": "", "error": "", "missing": ""}
    with warnings.catch_warnings(), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        warnings.showwarning = told
        try:
            exec(compile(before, BEFORE, "exec"), names)
            pictures()
            said.truncate(said.seek(0))
            value = evaluated(code, names)
            if hasattr(value, "_repr_html_") and not isinstance(value, type):
                found["html"] = value._repr_html_()
            elif value is not None:
                print(repr(value))
            found["pictures"] = pictures()
            exec(compile(test, TEST, "exec"), names)
            found["passed"] = bool(test)
        except BaseException as error:  # also SystemExit, which would end the worker
            found |= {"error": last_line(error, test), "missing": missing(error)}
    text = said.getvalue()
    found["text"] = text[:MOST] + ("\n… and more" if len(text) > MOST else "")
    return json.dumps(found)
