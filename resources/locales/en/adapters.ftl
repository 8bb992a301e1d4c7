# adapters
