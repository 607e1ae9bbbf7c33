"""Notebooks are encrypted with a key of your own.

*Looks at*: the key of disks of notebooks and workspaces for machine learning
*Why*: a notebook keeps the data it was tried on
*Fix*: name a key of your KMS or vault
*Source*: Amazon SageMaker AI Developer Guide, "Protect data at rest using encryption"; Azure Machine Learning docs,
"Customer-managed keys"
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding
from standfast.audit.table import Setting, judge, written

ID = "notebook-own-key"
TITLE = "Notebooks are encrypted with a key of your own"
SEVERITY = "low"


TABLE = {
    "aws_sagemaker_notebook_instance": Setting("kms_key_id", written),
    "azurerm_machine_learning_workspace": Setting("encryption.key_id", written),
    "google_workbench_instance": Setting("gce_setup.boot_disk.kms_key", written),
}
KINDS = tuple(TABLE)


def check(estate: Estate) -> Iterator[Finding]:
    return judge(estate, TABLE, "its key is your own", "its key is the provider's")
