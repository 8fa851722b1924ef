"""The API's shared part (接口公共部分): who asks, what is read, how refusals look, and the rooms every domain has."""
