"""Notebooks have no way past the network.

*Looks at*: direct internet access of notebooks and workspaces for machine learning
*Why*: a notebook runs whatever is typed, with rights to the data
*Fix*: turn direct internet access and public access off
*Source*: AWS Foundational Security Best Practices, SageMaker.1; azurerm provider, azurerm_machine_learning_workspace:
public access is on where nothing is said
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge

ID = "notebook-closed"
TITLE = "Notebooks have no way past the network"
SEVERITY = "high"


TABLE = {
    "aws_sagemaker_notebook_instance": Setting("direct_internet_access", "Disabled"),
    "azurerm_machine_learning_workspace": Setting("public_network_access_enabled", False),
    "google_workbench_instance": Setting("gce_setup.disable_public_ip", True),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "it goes through the network", "it is reached, or reaches out, past the network")
