// SPDX-License-Identifier: LGPL-2.1-or-later
// bus.h - a name on the system's message bus, for a program without libraries.
#ifndef SCRUN_TESTS_SYSTEMD_BUS_H
#define SCRUN_TESTS_SYSTEMD_BUS_H

// Connects, and asks for the name; it is kept until this process ends. Returns 0, or -1 with errno set.
// Source: the D-Bus specification, "Message Protocol" and "org.freedesktop.DBus.RequestName".
int bus_own_name(const char *name);
#endif
