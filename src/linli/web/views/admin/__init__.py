"""Pages of the administrator (平台管理页面): thin; what may be done, and by whom, is asked in the kernel's verbs."""
