"""Bank transfer: the family of instructions. Nothing outside is called: the provider's statements tell what came."""
