"""An app of one activity that does nothing, and two orchestrators that call it."""

import azure.durable_functions as df

app = df.DFApp()


@app.activity_trigger("call", "nothing")
def nothing(call: dict):  # type: ignore[no-untyped-def,type-arg]
    return call["n"]


@app.orchestration_trigger("context", "fan")
def fan(context):  # type: ignore[no-untyped-def]
    n = context.get_input()["n"]
    answers = yield context.task_all([context.call_activity("nothing", {"n": one}) for one in range(n)])
    return len(answers)


@app.orchestration_trigger("context", "chain")
def chain(context):  # type: ignore[no-untyped-def]
    n = context.get_input()["n"]
    for one in range(n):
        yield context.call_activity("nothing", {"n": one})
    return n
