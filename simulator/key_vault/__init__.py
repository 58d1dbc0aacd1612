"""Key Vault secrets, read only. Values are made from the seed; an estate lists names alone."""

from simulator.core.room import Room
from simulator.key_vault.models import begin
from simulator.key_vault.urls import URLS

ROOM = Room(name="key-vault", urls=URLS, types=["Microsoft.KeyVault/vaults"], begin=begin)
