"""設定 of the broker's app (M20) and what it leads to: password, token, biometrics, clearing."""
