"""Logging in and changing one's password."""

from __future__ import annotations

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from taskboard.forms import Form


class LoginForm(Form):
    login = StringField("账号", [InputRequired("请输入账号"), Length(max=100, message="账号过长")])
    password = PasswordField("密码", [InputRequired("请输入密码"), Length(max=200, message="密码过长")])
    next = HiddenField()


class PasswordForm(Form):
    current = PasswordField("当前密码", [InputRequired("请输入当前密码"), Length(max=200)])
    new = PasswordField("新密码", [InputRequired("请输入新密码"), Length(max=200)])
    again = PasswordField("再输一次", [InputRequired("请再输一次新密码"), EqualTo("new", "两次输入的新密码不一致")])
