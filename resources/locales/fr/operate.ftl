# operate
