"""The text-message networks' doors, one module for each kind of provider."""
