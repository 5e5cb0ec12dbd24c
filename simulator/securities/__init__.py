"""The broker's app 「鉅亨證券 2」 without a screen: first start, login, enrolment and the soft token."""
