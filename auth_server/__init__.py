"""The broker's auth server of the manual: web pages, phone API, CAS and back office."""
