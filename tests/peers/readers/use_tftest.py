"""A test as users of tftest write it, on an example and the sandbox: use_tftest.py WINDLASS EXAMPLE."""

import pathlib
import shutil
import sys
import tempfile

import tftest

binary, example = sys.argv[1:]

with tempfile.TemporaryDirectory() as folder:
    copy = pathlib.Path(folder).resolve() / "example"
    shutil.copytree(example, copy)
    test = tftest.TerraformTest(str(copy), binary=binary, env={"TF_CLI_ARGS": "-sandbox", "TF_IN_AUTOMATION": "1"})
    test.setup()

    plan = test.plan(output=True, tf_vars={"name": "tested", "zones": 2})
    assert plan.resources["aws_vpc.main"]["values"]["cidr_block"] == "10.20.0.0/16"
    assert plan.variables["name"] == "tested"
    assert {change["change"]["actions"][0] for change in plan.resource_changes.values()} == {"create"}

    test.apply(tf_vars={"name": "tested", "zones": 2})
    outputs = test.output()
    assert outputs["vpc_id"].startswith("vpc-"), outputs["vpc_id"]
    assert sorted(outputs["subnets"].values()) == ["10.20.0.0/24", "10.20.1.0/24"], outputs["subnets"]
    state = test.state_pull()
    # It writes None for the root module.
    assert len(state.resources["None.aws_subnet.public"]["instances"]) == 2, list(state.resources)

    again = test.plan(output=True, tf_vars={"name": "tested", "zones": 2})
    assert {tuple(change["change"]["actions"]) for change in again.resource_changes.values()} == {("no-op",)}
    test.destroy(tf_vars={"name": "tested", "zones": 2})
    assert not test.state_pull().resources
