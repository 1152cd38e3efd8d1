"""NetBox cleans user names."""

import re


def clean_username(value):
    return re.sub(r'[^\w@.+-]', '', value or '')
