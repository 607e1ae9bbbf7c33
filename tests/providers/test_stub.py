"""The stand-in for a provider: a good root lives and dies, and each kind of fault is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from standfast.files import File
from tests.providers import stub

pytestmark = pytest.mark.real

AZURE = """\
terraform {
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.10"
    }
  }
}

provider "azurerm" {
  features {}
}

data "azurerm_client_config" "current" {}

resource "azurerm_resource_group" "main" {
  name     = "shop"
  location = "westeurope"
}

resource "azurerm_virtual_network" "main" {
  name                = "shop"
  location            = azurerm_resource_group.main.location
  resource_group_name = azurerm_resource_group.main.name
  address_space       = ["10.0.0.0/16"]
}

resource "azurerm_subnet" "app" {
  count                = 2
  name                 = "app-${count.index}"
  resource_group_name  = azurerm_resource_group.main.name
  virtual_network_name = azurerm_virtual_network.main.name
  address_prefixes     = ["10.0.${count.index}.0/24"]
}

resource "azurerm_storage_account" "images" {
  name                     = "shopimages"
  resource_group_name      = azurerm_resource_group.main.name
  location                 = azurerm_resource_group.main.location
  account_tier             = "Standard"
  account_replication_type = "ZRS"

  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_linux_virtual_machine_scale_set" "web" {
  name                = "web"
  resource_group_name = azurerm_resource_group.main.name
  location            = azurerm_resource_group.main.location
  sku                 = "Standard_D2s_v5"
  admin_username      = "app"
  instances           = 3

  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "Premium_LRS"
  }

  network_interface {
    name    = "main"
    primary = true

    ip_configuration {
      name      = "main"
      primary   = true
      subnet_id = azurerm_subnet.app[0].id
    }
  }
}

output "tenant" {
  value = data.azurerm_client_config.current.tenant_id
}

output "principal" {
  value = azurerm_storage_account.images.identity[0].principal_id
}
"""
# what is written instead of a right line -> what must be said about it
FAULTS = {
    "a wrong name": (
        "instances           = 3",
        "instance_count = 3",
        'argument named "instance_count" is not expected',
    ),
    "a required one is missing": ('  sku                 = "Standard_D2s_v5"\n', "", 'argument "sku" is required'),
    "a wrong type": ("instances           = 3", 'instances = "three"', "a number is required"),
    "an attribute as a block": (
        'address_space       = ["10.0.0.0/16"]',
        'address_space {\n    cidr = "10.0.0.0/16"\n  }',
        "Unsupported block type",
    ),
    "a block as an attribute": ("  identity {", "  identity = {", "Unsupported argument"),
    "a block once too often": (
        "  os_disk {",
        '  os_disk {\n    caching = "None"\n    storage_account_type = "Premium_LRS"\n  }\n  os_disk {',
        'No more than 1 "os_disk" blocks are allowed',
    ),
    "a required block is missing": ("  network_interface {", "  extension {", "network_interface"),
    "a wrong name two blocks deep": ("subnet_id = ", "subnet = ", 'argument named "subnet" is not expected'),
    "an unknown value": ('"ReadWrite"', '"ReadAndWrite"', "expected os_disk.caching to be one of"),
    "a name against the rules": ('"shopimages"', '"shop-images"', "expected name to match [a-z0-9]{3,24}"),
    "an unknown kind": ('"azurerm_subnet" "app"', '"azurerm_subnets" "app"', "does not support resource type"),
    "an attribute nobody has": ("azurerm_virtual_network.main.name", "azurerm_virtual_network.main.title", "title"),
}


def test_a_good_root_lives_and_dies(tmp_path: Path) -> None:
    life = stub.run([File("main.tf", AZURE)], tmp_path)
    assert life.outputs["principal"].startswith("made-up-principal_id-")
    assert len(life.resources("azurerm_subnet")) == 2
    assert "6 destroyed" in life.destroyed


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused(fault: str, tmp_path: Path) -> None:
    right, wrong, said = FAULTS[fault]
    assert AZURE.count(right) >= 1
    texts = stub.refused([File("main.tf", AZURE.replace(right, wrong, 1))], tmp_path)
    assert any(said in text for text in texts), texts


def test_a_version_that_is_not_pinned_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no available releases match"):
        stub.refused([File("main.tf", AZURE.replace("~> 5.10", "~> 4.0"))], tmp_path)
