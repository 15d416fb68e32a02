// SPDX-License-Identifier: LGPL-2.1-or-later
// test_unit_files.c - which files are those of a service, in roots made for it. What root alone can make is tested as
// root; an ordinary user runs the rows of his own service manager.
#include "runner/unit_files.h"
#include "tests/check.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, STRANGER = 65533 };

static char user_folder[64]; // of the caller's own manager, while it runs

// In the rows: folders in short.
static const struct {
  const char *is, *stands_for;
} shorts[] = {
    {"E/", "/etc/systemd/system/"},
    {"R/", "/run/systemd/system/"},
    {"U/", "/usr/local/lib/systemd/system/"},
    {"L/", "/lib/systemd/system/"},
    {"V/", "/usr/lib/systemd/system/"},
    {"H/", "/home/me/.config/systemd/user/"},
    {"T/", user_folder},
    {"X/", "/etc/systemd/user/"},
};

// What is made, "; " between: a kind and a path, of a link also what it says. Kinds: f file, e empty file, l link,
// d folder, D folder that all may write, p pipe, w file that all may write, g that its group may, o of a stranger's, m
// of another mode, n with a NUL byte, b too long, c at its longest.
static const struct row {
  const char *made, *unit, *want; // files; or "!" and what the message holds; "=" in front of a unit: its name
} rows[] = {
    // Folders and names.
    {"f E/a.service; f L/a.service", "a", "E/a.service"},
    {"f R/a.service; f U/a.service", "a.service", "R/a.service"},
    {"f U/a.service; f L/a.service", "a", "U/a.service"},
    {"f L/a.service; f V/a.service", "a", "L/a.service"},
    {"l /lib usr/lib; f V/a.service; f V/a.service.d/x.conf", "a", "L/a.service<V/a.service V/a.service.d/x.conf"},
    {"f /etc/systemd/system.control/a.service; f E/a.service", "a", "/etc/systemd/system.control/a.service"},
    {"f /run/systemd/system.control/a.service; f /run/systemd/transient/a.service", "a",
     "/run/systemd/system.control/a.service"},
    {"f /run/systemd/transient/a.service; f /run/systemd/generator.early/a.service", "a",
     "/run/systemd/transient/a.service"},
    {"f /run/systemd/generator.early/a.service; f E/a.service", "a", "/run/systemd/generator.early/a.service"},
    {"f E/a.service; f /etc/systemd/system.attached/a.service", "a", "E/a.service"},
    {"f /etc/systemd/system.attached/a.service; f R/a.service", "a", "/etc/systemd/system.attached/a.service"},
    {"f /run/systemd/system.attached/a.service; f /run/systemd/generator/a.service", "a",
     "/run/systemd/system.attached/a.service"},
    {"f /run/systemd/generator/a.service; f U/a.service", "a", "/run/systemd/generator/a.service"},
    {"f V/a.service; f /run/systemd/generator.late/a.service", "a", "V/a.service"},
    {"f /run/systemd/generator.late/a.service", "a", "/run/systemd/generator.late/a.service"},
    {"f E/a.b.service", "a.b", "E/a.b.service"},
    {"f E/a\\x2db.service", "a\\x2db", "E/a\\x2db.service"},
    {"f E/a@.service", "a@x", "E/a@.service"},
    {"f E/a@.service; f L/a@x.service", "a@x", "L/a@x.service"},
    {"f E/a@.service", "a@x@y.z", "E/a@.service"},
    {"f E/a@.service", "a@", "E/a@.service"},
    {"d E/a.service; f L/a.service", "a", "L/a.service"},
    {"f /etc/systemd/system.control; f E/a.service", "a", "E/a.service"},

    // Names that are none, and units that are not there.
    {"f E/a.service", "", "!is no name of a service"},
    {"f E/a.service", ".service", "!there is no unit \".service.service\""},
    {"f E/a.service", "@", "!is no name of a service"},
    {"f E/a.service", "a b", "!is no name of a service"},
    {"f E/a.service", "a\n", "!is no name of a service"},
    {"f E/a.service", "\xff", "!is no name of a service"},
    {"f E/a.service", "a*", "!is no name of a service"},
    {"f E/a.socket", "a.socket", "!\"a.socket\" is a socket unit: only services have a policy"},
    {"f E/a.mount", "a.mount", "!is a mount unit"},
    {"f E/nginx.service; f E/other.service", "ngnix", "!there is no unit \"ngnix.service\"; did you mean \"nginx.serv"},
    {"f E/other.service; f E/dbus.socket", "dbus", "!there is no unit \"dbus.service\""},
    {"d E/a.service.d; f E/a.service.d/x.conf", "a", "!there is no unit \"a.service\""},
    {"f E/b@.service", "a@x", "!there is no unit \"a@x.service\""},
    {"d /etc", "a", "!there is no unit"},

    // Drop-ins: by name over all folders, the first of a name in the order of folders, then of names.
    {"f L/a.service; f L/a.service.d/20.conf; f E/a.service.d/30.conf; f R/a.service.d/10.conf", "a",
     "L/a.service R/a.service.d/10.conf L/a.service.d/20.conf E/a.service.d/30.conf"},
    {"f L/a.service; f L/a.service.d/x.conf; f E/a.service.d/x.conf; f R/a.service.d/x.conf", "a",
     "L/a.service E/a.service.d/x.conf"},
    {"f L/a.service; f U/a.service.d/x.conf; f R/a.service.d/x.conf", "a", "L/a.service R/a.service.d/x.conf"},
    {"f L/a.service; f L/a.service.d/b.conf; f L/a.service.d/B.conf; f L/a.service.d/10.conf; f L/a.service.d/9.conf",
     "a", "L/a.service L/a.service.d/10.conf L/a.service.d/9.conf L/a.service.d/B.conf L/a.service.d/b.conf"},
    {"f L/a.service; f L/a.service.d/.x.conf; f L/a.service.d/.conf; f L/a.service.d/x.conf~; f L/a.service.d/x.Conf;"
     " f L/a.service.d/xconf; f L/a.service.d/x.conf.bak; f L/a.service.d/y.conf",
     "a", "L/a.service L/a.service.d/y.conf"},
    {"f L/a.service; f E/b.service.d/x.conf; f E/a.socket.d/x.conf; f E/a.service.wants/x.conf; f E/a.d/x.conf", "a",
     "L/a.service"},
    {"f L/a-b-c.service; f L/a-b-c.service.d/4.conf; f L/a-b-.service.d/3.conf; f E/a-.service.d/2.conf;"
     " f E/service.d/1.conf; f E/a-b.service.d/9.conf; f E/a.service.d/9.conf; f E/b-.service.d/9.conf",
     "a-b-c",
     "L/a-b-c.service E/service.d/1.conf E/a-.service.d/2.conf L/a-b-.service.d/3.conf L/a-b-c.service.d/4.conf"},
    {"f L/a-b.service; f L/a-b.service.d/x.conf; f E/a-.service.d/x.conf", "a-b",
     "L/a-b.service E/a-.service.d/x.conf"},
    {"f L/a-b.service; f L/a-b.service.d/x.conf; f L/a-.service.d/x.conf", "a-b",
     "L/a-b.service L/a-b.service.d/x.conf"},
    {"f L/a-b.service; f L/a-b.service.d/x.conf; f E/service.d/x.conf", "a-b", "L/a-b.service L/a-b.service.d/x.conf"},
    {"f L/a--b.service; f L/a--.service.d/1.conf; f L/a-.service.d/2.conf", "a--b",
     "L/a--b.service L/a--.service.d/1.conf L/a-.service.d/2.conf"},
    {"f L/a@.service; f L/a@.service.d/1.conf; f L/a@x.service.d/2.conf; f L/a@y.service.d/3.conf", "a@x",
     "L/a@.service L/a@.service.d/1.conf L/a@x.service.d/2.conf"},
    {"f L/a@.service; f L/a@.service.d/x.conf; f L/a@x.service.d/x.conf", "a@x", "L/a@.service L/a@x.service.d/x.conf"},
    {"f L/a@.service; f E/a@.service.d/x.conf; f L/a@x.service.d/x.conf", "a@x", "L/a@.service E/a@.service.d/x.conf"},
    {"f L/a@.service; f L/a@.service.d/1.conf; f L/a@x.service.d/2.conf", "a@", "L/a@.service L/a@.service.d/1.conf"},
    {"f L/a-b@.service; f L/a-.service.d/1.conf; f L/a-@.service.d/2.conf; f L/a-@x.service.d/3.conf;"
     " f L/a-@y.service.d/4.conf",
     "a-b@x", "L/a-b@.service L/a-.service.d/1.conf L/a-@.service.d/2.conf L/a-@x.service.d/3.conf"},
    {"f L/a.service; f /opt/d/x.conf; l E/a.service.d ../../../opt/d", "a", "L/a.service /opt/d/x.conf"},
    {"f L/a.service; f L/a.service.d/x.conf; l E/a.service.d /nowhere", "a",
     "!/nowhere: drop-ins that a link leads to"},
    {"f L/a.service; f L/a.service.d/x.conf; l E/a.service.d a.service.d", "a",
     "!/etc/systemd/system/a.service.d: Too many"},
    {"f L/a.service; f L/a.service.d/x.conf; l E/a.service.d /nowhere/../o", "a", "!a.service.d: a link to nothing"},
    {"f L/a.service; l E/service.d /nowhere", "a", "!/nowhere: drop-ins that a link leads to"},
    {"f L/a.service; f E/a.service.d", "a", "L/a.service"},
    {"f L/a.service; f /opt/f; l E/a.service.d /opt/f", "a", "!/opt/f: Not a directory"},
    {"f L/a.service; f /opt/x; l E/a.service.d/x.conf /opt/x", "a", "L/a.service E/a.service.d/x.conf</opt/x"},
    {"f L/a.service; f L/a.service.d/x y.conf; f L/a.service.d/\xff\n.conf", "a",
     "L/a.service L/a.service.d/x y.conf L/a.service.d/\xff\n.conf"},

    // Masks.
    {"l E/a.service /dev/null; f L/a.service", "a", "!a.service is masked: /etc/systemd/system/a.service is"},
    {"l E/a.service ../../../dev/null", "a", "!is masked"},
    {"e E/a.service; f L/a.service", "a", "!is masked"},
    {"e /opt/e; l E/a.service /opt/e", "a", "!is masked"},
    {"l E/a@.service /dev/null", "a@x", "!a@x.service is masked"},
    {"l E/a.service b.service; l E/b.service /dev/null", "a", "!b.service is masked"},
    {"f L/a.service; f L/a.service.d/x.conf; l E/a.service.d/x.conf /dev/null; f L/a.service.d/y.conf", "a",
     "L/a.service E/a.service.d/x.conf(0) L/a.service.d/y.conf"},
    {"f L/a.service; f L/a.service.d/x.conf; e E/a.service.d/x.conf", "a", "L/a.service E/a.service.d/x.conf(0)"},
    {"f L/a-b.service; f L/a-b.service.d/x.conf; l E/a-.service.d/x.conf ../../../../dev/null", "a-b",
     "L/a-b.service E/a-.service.d/x.conf(0)"},

    // Aliases.
    {"f L/a.service; l E/b.service /lib/systemd/system/a.service", "=b", "a.service L/a.service"},
    {"f L/a.service; l L/b.service a.service; f E/b.service.d/1.conf; f E/a.service.d/2.conf", "=b",
     "a.service L/a.service E/b.service.d/1.conf E/a.service.d/2.conf"},
    {"f L/a.service; l L/b.service a.service; f E/b.service.d/1.conf; f E/a.service.d/2.conf", "a",
     "L/a.service E/b.service.d/1.conf E/a.service.d/2.conf"},
    {"f L/a.service; l L/b.service a.service; f E/b.service.d/x.conf; f L/a.service.d/x.conf", "a",
     "L/a.service L/a.service.d/x.conf"},
    {"f L/a.service; l L/b.service a.service; f L/b.service.d/x.conf; f E/service.d/x.conf", "a",
     "L/a.service L/b.service.d/x.conf"},
    {"f L/a.service; l L/b-c.service a.service; f E/b-.service.d/1.conf", "a", "L/a.service E/b-.service.d/1.conf"},
    {"f L/a.service; l L/b.service a.service; l E/c.service ../../../lib/systemd/system/b.service;"
     " f E/c.service.d/x.conf",
     "=c", "a.service L/a.service E/c.service.d/x.conf"},
    {"f L/a.service; l L/b.service a.service; f L/b.service.d/x.conf; f E/b.service", "a", "L/a.service"},
    {"f L/a.service; l L/b.service a.service; f L/b.service.d/x.conf; l E/b.service /dev/null", "a", "L/a.service"},
    {"f L/a.service; l L/b.service a.service; l L/c.service a.service; f E/b.service.d/x.conf; f L/c.service.d/x.conf",
     "a", "!x.conf stands in"},
    {"f L/a.service; l L/b.service a.service; l L/c.service a.service; f E/b.service.d/x.conf; f L/c.service.d/x.conf;"
     " f L/a.service.d/x.conf",
     "a", "L/a.service L/a.service.d/x.conf"},
    {"f L/a.service; l L/b.service a.service; l L/c.service a.service; f E/b.service.d/x.conf; f L/c.service.d/y.conf",
     "a", "L/a.service E/b.service.d/x.conf L/c.service.d/y.conf"},
    {"f L/a.service; l L/b.service a.service; l L/c.service a.service; f /o/x.conf; l E/b.service.d /o; l E/c.service.d"
     " /o",
     "a", "L/a.service /o/x.conf"},
    {"f L/a.service; f L/a.service.d/x.conf; l E/a.service /lib/systemd/system/a.service", "a",
     "L/a.service L/a.service.d/x.conf"},
    {"f L/a.service; l E/a.service b.service", "a", "!a.service is an alias of b.service, and there is no such unit"},
    {"f L/a.service; l E/a.service a.socket", "a", "L/a.service"},
    {"f L/b.service; l L/a@.service b.service", "a@x", "!there is no unit \"a@x.service\""},
    {"f L/b@.service; l L/a.service b@.service", "a", "!there is no unit"},
    {"f L/b@y.service; l L/a@x.service b@y.service", "a@x", "!there is no unit"},
    {"f L/b@.service; l L/a@.service b@.service; f E/a@x.service.d/1.conf; f E/b@x.service.d/2.conf", "=a@x",
     "b@x.service L/b@.service E/a@x.service.d/1.conf E/b@x.service.d/2.conf"},
    {"f L/b@.service; l L/a@.service b@.service; f E/a@x.service.d/1.conf; f E/b@x.service.d/2.conf", "b@x",
     "L/b@.service E/a@x.service.d/1.conf E/b@x.service.d/2.conf"},
    {"f L/b@.service; l L/a@.service b@.service; f L/a@x.service; f E/a@x.service.d/1.conf", "b@x", "L/b@.service"},
    {"f L/b@.service; l L/a@.service b@.service; f E/a@.service.d/1.conf", "b@", "L/b@.service E/a@.service.d/1.conf"},
    {"f L/b@.service; l L/a@x.service b@.service; f E/a@x.service.d/1.conf", "=a@x",
     "b@x.service L/b@.service E/a@x.service.d/1.conf"},
    {"f L/b@.service; l L/a@x.service b@.service; f E/a@x.service.d/1.conf", "b@x",
     "L/b@.service E/a@x.service.d/1.conf"},
    {"f L/b@.service; l L/a@x.service b@.service; f E/a@x.service.d/1.conf", "b@y", "L/b@.service"},
    {"f L/b@.service; l L/a@x.service b@x.service; f E/a@x.service.d/1.conf", "=a@x",
     "b@x.service L/b@.service E/a@x.service.d/1.conf"},
    {"l E/a.service b.service; l E/b.service a.service", "a", "!a.service: more than 7 aliases in a row"},
    {"f E/h.service; l E/a.service b.service; l E/b.service c.service; l E/c.service d.service; l E/d.service "
     "e.service;"
     " l E/e.service f.service; l E/f.service g.service; l E/g.service h.service",
     "=a", "h.service E/h.service"},
    {"f E/i.service; l E/a.service b.service; l E/b.service c.service; l E/c.service d.service; l E/d.service "
     "e.service;"
     " l E/e.service f.service; l E/f.service g.service; l E/g.service h.service; l E/h.service i.service",
     "a", "!more than 7 aliases"},
    {"f /opt/a.service; l E/a.service /opt/a.service", "a", "E/a.service</opt/a.service"},
    {"f /opt/b.service; l E/a.service /opt/b.service; f E/b.service.d/x.conf", "=a",
     "a.service E/a.service</opt/b.service"},
    {"f E/sub/b.service; f L/b.service; l E/a.service sub/b.service", "=a", "b.service L/b.service"},
    {"l E/a.service /opt/a.service; f L/a.service", "a", "!/etc/systemd/system/a.service: a link to nothing"},
    {"f /usr/lib/systemd/system/a.service; l /lib usr/lib; l E/b.service /lib/systemd/system/a.service", "=b",
     "a.service L/a.service<V/a.service"},
    {"f /x/a.service; l E/a.service /x/loop/a.service; l /x/loop loop; f L/a.service", "a",
     "!/etc/systemd/system/a.service: a link to /x/loop/a.service: Too many"},
    {"l E/a.service /opt/gone/../a.service; f L/a.service", "a",
     "!/etc/systemd/system/a.service: a link to /opt/gone/../a.service: No such"},

    // Links stay inside of the root.
    {"f /opt/a; l E/a.service ../../../../../../../../opt/a", "a", "E/a.service</opt/a"},
    {"f L/a.service; l /etc/systemd /elsewhere; f /elsewhere/system/a.service", "a",
     "E/a.service</elsewhere/system/a.service"},
    {"l E/a.service /etc/passwd", "a", "!a link to nothing"},

    // Files that are no files, or not root's alone.
    {"p E/a.service", "a", "!/etc/systemd/system/a.service: not a regular file"},
    {"d /opt/a.service; l E/a.service /opt/a.service", "a", "!a folder, not a file"},
    {"w E/a.service", "a", "!a.service is not read: it can be written by others than root"},
    {"g E/a.service", "a", "!it can be written by others than root"},
    {"o E/a.service", "a", "!it does not belong to root"},
    {"o /opt/a.service; l E/a.service /opt/a.service", "a", "!it does not belong to root"},
    {"n E/a.service", "a", "!there is a NUL byte in it"},
    {"b E/a.service", "a", "!longer than 1048576 bytes"},
    {"c E/a.service", "a", "E/a.service"},
    {"f L/a.service; p E/a.service.d/x.conf", "a", "!x.conf: not a regular file"},
    {"f L/a.service; d E/a.service.d/x.conf", "a", "!x.conf: a folder, not a file"},
    {"f L/a.service; w E/a.service.d/x.conf", "a", "!x.conf is not read: it can be written by others than root"},
    {"f L/a.service; o E/a.service.d/x.conf", "a", "!x.conf is not read: it does not belong to root"},
    {"f L/a.service; b E/a.service.d/x.conf", "a", "!longer than"},
    {"f L/a.service; n E/a.service.d/x.conf", "a", "!NUL byte"},
    {"f L/a.service; l E/a.service.d/x.conf /nowhere", "a", "!x.conf: a link to nothing"},
    {"f L/a.service; l E/a.service.d/x.conf x.conf", "a", "!x.conf: "},
    {"f L/a.service; f L/a.service.d/x.conf; w L/a.service.d/y.conf; f E/a.service.d/y.conf", "a",
     "L/a.service L/a.service.d/x.conf E/a.service.d/y.conf"},
    {"D E/; f E/a.service", "a", "!a.service is not read: /etc/systemd/system can be written by others than root"},
    {"D E/; f L/a.service", "a", "L/a.service"},
    {"D E/; f L/a.service; f E/a.service.d/x.conf", "a", "!/etc/systemd/system can be written by others than root"},
    {"f L/a.service; D E/a.service.d; f E/a.service.d/x.conf", "a", "!a.service.d can be written by others than root"},
    {"f L/a.service; D E/a.service.d; f E/a.service.d/x", "a", "L/a.service"},
    {"D E/; f L/a.service; l E/b.service /lib/systemd/system/a.service; f L/b.service.d/x.conf", "a",
     "!/etc/systemd/system can be written by others than root"},

    // Paths: that file, its folder before all others.
    {"f /opt/a.service; f E/a.service", "/opt/a.service", "/opt/a.service"},
    {"f /opt/a.service; f /opt/a.service.d/1.conf; f E/a.service.d/1.conf; f E/a.service.d/2.conf", "/opt/a.service",
     "/opt/a.service /opt/a.service.d/1.conf E/a.service.d/2.conf"},
    {"f /opt/a@.service", "/opt/a@x.service", "/opt/a@.service"},
    {"f /opt/a.service; l /o opt", "/o/../o//./a.service", "/opt/a.service"},
    {"f L/a.service", "/lib/systemd/system/a.service", "L/a.service"},
    {"l /lib usr/lib; f V/a.service", "/lib/systemd/system/a.service", "V/a.service"},
    {"f E/a.service", "/opt/a.service", "!there is no such unit"},
    {"f /opt/b; f E/a.service; l /opt/a.service a.socket", "/opt/a.service", "!/opt/a.service: there is no such unit"},
    {"f /opt/a.conf", "/opt/a.conf", "!the name of a service file ends in .service"},
    {"f /opt/a.service", "/opt/", "!the name of a service file ends in .service"},
    {"f /opt/a.service", "opt/a.service", "!with --root= a path begins with"},
    {"l /opt/a.service /dev/null", "/opt/a.service", "!is masked"},
};

// The same for the caller's own service manager; nobody needs to be root.
static const struct row user_rows[] = {
    {"f H/a.service; f X/a.service", "a", "H/a.service"},
    {"f X/a.service; f T/a.service", "a", "X/a.service"},
    {"f T/a.service; f /run/systemd/user/a.service", "a", "T/a.service"},
    {"f /etc/xdg/systemd/user/a.service; f X/a.service", "a", "/etc/xdg/systemd/user/a.service"},
    {"f /home/me/.config/systemd/user.control/a.service; f H/a.service", "a",
     "/home/me/.config/systemd/user.control/a.service"},
    {"f /home/me/.local/share/systemd/user/a.service; f /usr/local/share/systemd/user/a.service", "a",
     "/home/me/.local/share/systemd/user/a.service"},
    {"f /usr/share/systemd/user/a.service; f /usr/lib/systemd/user/a.service", "a",
     "/usr/share/systemd/user/a.service"},
    {"f /usr/lib/systemd/user/a.service; f H/a.service.d/x.conf; f T/service.d/y.conf", "a",
     "/usr/lib/systemd/user/a.service H/a.service.d/x.conf T/service.d/y.conf"},
    {"f E/a.service", "a", "!there is no unit"},
    {"w H/a.service", "a", "!it can be written by others than you"},
    {"g H/a.service.d/x.conf; f H/a.service", "a", "!it can be written by others than you"},
    {"D H/; f H/a.service", "a", "!/home/me/.config/systemd/user can be written by others than you"},
};
#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static char base[64], root[128];
static unsigned roots;
static const char *row_now;

// The whole name that `text`, which ends at `end`, is short for.
static const char *
expand(const char *text, const char *end, char out[1024]) {
  size_t used = 0;
  for (size_t i = 0; i < COUNT_OF(shorts); i++)
    if ((size_t)(end - text) >= 2 && memcmp(text, shorts[i].is, 2) == 0) {
      used = strlen(shorts[i].stands_for);
      memcpy(out, shorts[i].stands_for, used);
      text += 2;
      break;
    }
  memcpy(out + used, text, (size_t)(end - text));
  out[used + (size_t)(end - text)] = '\0';
  return out;
}

static void
make_parents(const char *path) {
  char folder[1200];
  for (const char *slash = strchr(path + strlen(root) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    memcpy(folder, path, (size_t)(slash - path));
    folder[slash - path] = '\0';
    CHECK_ROW(mkdir(folder, 0755) == 0 || errno == EEXIST, folder);
  }
}

static void
make_text(const char *path, const char *text, size_t length, mode_t mode) {
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  CHECK_ROW(fd >= 0 && write(fd, text, length) == (ssize_t)length && fchmod(fd, mode) == 0, path);
  close(fd);
}

static void
make_one(char kind, const char *path, const char *link) {
  static char large[KEPT_BYTES_MAX + 1];
  const char *name = path + strlen(root);
  memset(large, '\n', sizeof large);
  make_parents(path);
  if (kind == 'd' || kind == 'D')
    CHECK_ROW((mkdir(path, 0755) == 0 || errno == EEXIST) && chmod(path, kind == 'd' ? 0755 : 01777) == 0, row_now);
  else if (kind == 'l')
    CHECK_ROW(symlink(link, path) == 0, row_now);
  else if (kind == 'p')
    CHECK_ROW(mkfifo(path, 0644) == 0, row_now);
  else if (kind == 'b' || kind == 'c')
    make_text(path, large, sizeof large - (kind == 'c'), 0644);
  else if (kind == 'n')
    make_text(path, "a\0b", 3, 0644);
  else
    make_text(path, name, kind == 'e' ? 0 : strlen(name), kind == 'w' ? 0646 : kind == 'g' ? 0664 : 0644);
  if (kind == 'o')
    CHECK_ROW(chown(path, STRANGER, STRANGER) == 0, row_now);
}

// Makes what a row says in a new root.
static void
make_root(const char *made) {
  char name[1024], path[1200], link[512];
  snprintf(root, sizeof root, "%s/%u-%u", base, (unsigned)getpid(), roots++);
  CHECK_ROW(mkdir(root, 0755) == 0, root);
  for (const char *at = made; *at != '\0';) {
    const char *end = strchr(at, ';');
    end = end != NULL ? end : at + strlen(at);
    const char *target = at[0] == 'l' ? memchr(at + 2, ' ', (size_t)(end - at - 2)) : NULL;
    snprintf(link, sizeof link, "%.*s", target != NULL ? (int)(end - target - 1) : 0, target != NULL ? target + 1 : "");
    snprintf(path, sizeof path, "%s%s", root, expand(at + 2, target != NULL ? target : end, name));
    make_one(at[0], path, link);
    at = *end == ';' ? end + 2 : end;
  }
}

// What was found, as rows have it: whole names, "(0)" behind those without text, and "<" and the text where that is not
// the name: of the file that a link leads to.
static void
write_found(const struct unit_files *files, bool named, char out[4096]) {
  size_t used = named ? (size_t)snprintf(out, 4096, "%s", files->name) : 0;
  out[used] = '\0';
  for (size_t i = 0; i < files->count; i++) {
    const struct source *file = files->files[i];
    bool same = file->length == strlen(file->name) && memcmp(file->text, file->name, file->length) == 0;
    CHECK_ROW(file->has_lines, row_now);
    used += (size_t)snprintf(out + used, 4096 - used, "%s%s", used > 0 ? " " : "", file->name);
    if (file->length == 0)
      used += (size_t)snprintf(out + used, 4096 - used, "(0)");
    else if (!same && file->length < 1000)
      used += (size_t)snprintf(out + used, 4096 - used, "<%.*s", (int)file->length, file->text);
  }
}

static void
write_wanted(const char *want, char out[4096]) {
  char name[1024];
  const char *separator = "";
  size_t used = 0;
  for (const char *at = want; *at != '\0';) {
    // A path ends where the next one begins: names may hold blanks.
    const char *end = at + 1;
    while (*end != '\0' && *end != '<' && !(end[0] == ' ' && (end[1] == '/' || end[2] == '/')))
      end++;
    used += (size_t)snprintf(out + used, 4096 - used, "%s%s", separator, expand(at, end, name));
    separator = *end == '<' ? "<" : " ";
    at = *end == '\0' ? end : end + 1;
  }
}

static void
check_row(const struct row *row, bool user) {
  char got[4096], want[4096];
  struct unit_files files = {.root = root, .user = user};
  struct error e = {0};
  bool named = row->unit[0] == '=';
  row_now = row->made;
  make_root(row->made);
  if (user) {
    char path[256], text[64];
    snprintf(path, sizeof path, "%s/etc/passwd", root);
    make_parents(path);
    make_text(path, text, (size_t)snprintf(text, sizeof text, "me:x:%u:0::/home/me:\n", (unsigned)getuid()), 0644);
  }
  int result = unit_files_find(&files, row->unit + named, &e);
  if (row->want[0] == '!') {
    CHECK_ROW(result == -1 && e.kind == ERROR_POLICY && files.count == 0, row->made);
    CHECK_ROW(files.masked == (strstr(row->want, "masked") != NULL), row->made);
    if (strstr(e.text, row->want + 1) == NULL)
      CHECK_STR(e.text, row->want + 1);
  } else if (result != 0) {
    CHECK_STR(e.text, row->want);
  } else {
    write_found(&files, named, got);
    write_wanted(row->want, want);
    CHECK_STR(got, want);
  }
  unit_files_clear(&files);
  CHECK(files.first == NULL && files.count == 0);
}

static void
check_user_rows(void) {
  snprintf(user_folder, sizeof user_folder, "/run/user/%u/systemd/user/", (unsigned)getuid());
  for (size_t i = 0; i < COUNT_OF(user_rows); i++)
    check_row(&user_rows[i], true);
}

// Too many drop-ins, and as many as there may be; found again with the same struct.
static void
test_counts(void) {
  char path[512];
  struct error e = {0};
  make_root("f L/a.service");
  struct unit_files files = {.root = root};
  for (int i = 0; i < UNIT_FILES_MAX; i++) {
    snprintf(path, sizeof path, "%s/etc/systemd/system/a.service.d/%03d.conf", root, i);
    make_parents(path);
    if (i == UNIT_FILES_MAX - 1) {
      CHECK(unit_files_find(&files, "a", &e) == 0);
      CHECK_INT(files.count, UNIT_FILES_MAX);
      CHECK(unit_files_find(&files, "a", &e) == 0);
      CHECK_INT(files.count, UNIT_FILES_MAX);
    }
    make_text(path, "x", 1, 0644);
  }
  CHECK(unit_files_find(&files, "a", &e) == -1);
  CHECK(strstr(e.text, "more than 255 drop-ins") != NULL);
  CHECK_INT(files.count, 0);
  unit_files_clear(&files);
}

// Long names: a unit's own at its longest, one byte more, and a path that is too long.
static void
test_long_names(void) {
  char name[UNIT_NAME_BYTES_MAX + 2], made[UNIT_NAME_BYTES_MAX + 16];
  struct error e = {0};
  memset(name, 'a', sizeof name);
  memcpy(name + UNIT_NAME_BYTES_MAX - 8, ".service", 9);
  snprintf(made, sizeof made, "f E/%s", name);
  make_root(made);
  struct unit_files files = {.root = root};
  CHECK(unit_files_find(&files, name, &e) == 0);
  CHECK_STR(files.name, name);
  name[UNIT_NAME_BYTES_MAX - 8] = '\0';
  CHECK(unit_files_find(&files, name, &e) == 0);
  memset(name, 'a', sizeof name);
  name[UNIT_NAME_BYTES_MAX - 7] = '\0';
  CHECK(unit_files_find(&files, name, &e) == -1 && strstr(e.text, "is no name") != NULL);
  static char path[2 * PATH_MAX];
  memset(path, '/', sizeof path);
  memcpy(path + sizeof path - 11, "/a.service", 11);
  CHECK(unit_files_find(&files, path, &e) == -1 && strstr(e.text, strerror(ENAMETOOLONG)) != NULL);
  unit_files_clear(&files);
}

// Without a root: paths relative to where we are, and masks that are found by what is opened.
static void
test_no_root(void) {
  char path[256];
  struct error e = {0};
  struct unit_files files = {.user = getuid() != 0};
  char manager[64];
  snprintf(manager, sizeof manager, "/run/user/%u/systemd", (unsigned)getuid());
  unsetenv("INVOCATION_ID"); // whoever runs the tests may be a service
  make_root(
      "f /d/scrun-test-a.service; l /d/scrun-test-b.service ../other; l /other /dev/null; f /d/scrun-test-c.service;"
      " l /d/scrun-test-c.service.d/x.conf ../../other");
  CHECK(chdir(root) == 0);
  CHECK(unit_files_find(&files, "./d/scrun-test-a.service", &e) == 0);
  snprintf(path, sizeof path, "%s/d/scrun-test-a.service", root);
  CHECK(files.count > 0 && strcmp(files.files[0]->name, path) == 0);
  CHECK(unit_files_find(&files, "d/scrun-test-b.service", &e) == -1 && files.masked);
  CHECK(unit_files_find(&files, "d/scrun-test-c.service", &e) == 0 && !files.masked);
  bool empty = false;
  for (size_t i = 0; i < files.count; i++)
    empty = empty || (strstr(files.files[i]->name, "test-c.service.d/x.conf") != NULL && files.files[i]->length == 0);
  CHECK(empty);
  CHECK(unit_files_find(&files, "scrun-test-a", &e) == -1 && strstr(e.text, "there is no unit") != NULL);
  // A service that does not see its manager's folders may not see its own drop-ins.
  setenv("INVOCATION_ID", "0123", 1);
  bool seen = files.user ? access(manager, F_OK) == 0
                         : access("/etc/systemd/system", F_OK) == 0 && access("/run/systemd/system", F_OK) == 0;
  CHECK_INT(unit_files_find(&files, "./d/scrun-test-a.service", &e), seen ? 0 : -1);
  CHECK(seen || strstr(e.text, " is not to be seen from this service") != NULL);
  files.root = root;
  CHECK(unit_files_find(&files, "/d/scrun-test-a.service", &e) == 0 || files.user); // there is no list of accounts
  unsetenv("INVOCATION_ID");
  CHECK(chdir("/") == 0);
  files.root = "/nowhere";
  CHECK(unit_files_find(&files, "a", &e) == -1 && strstr(e.text, "--root=/nowhere: ") != NULL);
  unit_files_clear(&files);
}

// No home, no units of one's own.
static void
test_no_home(void) {
  struct error e = {0};
  make_root("f X/a.service; f /etc/passwd");
  struct unit_files files = {.root = root, .user = true};
  CHECK(unit_files_find(&files, "a", &e) == -1 && strstr(e.text, "--user: /etc/passwd has no home for user") != NULL);
  unit_files_clear(&files);
}

// Runs `test` as another user. The child counts its own failures.
static void
run_as(uid_t user, void (*test)(void)) {
  pid_t pid = fork();
  if (pid == 0) {
    check_failures = 0;
    if (setresgid(user, user, user) != 0 || setresuid(user, user, user) != 0)
      _exit(99);
    test();
    _exit(check_failures != 0);
  }
  int status = -1;
  CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
  CHECK_INT(status, 0);
}

// A folder that root reads and nobody cannot: it could hold what closes something.
static void
nobody_is_kept_out(void) {
  struct error e = {0};
  struct unit_files files = {.root = root};
  CHECK(unit_files_find(&files, "a", &e) == -1 && strstr(e.text, strerror(EACCES)) != NULL);
  unit_files_clear(&files);
}

static void
test_closed_folders(void) {
  static const char *const closed[] = {"/etc/systemd/system", "/etc/systemd/system/a.service.d",
                                       "/etc/systemd/system/a.service.d/x.conf", "/lib/systemd/system/a.service"};
  char path[256];
  for (size_t i = 0; i < COUNT_OF(closed); i++) {
    make_root("f L/a.service; f E/a.service.d/x.conf");
    snprintf(path, sizeof path, "%s%s", root, closed[i]);
    CHECK(chmod(path, 0) == 0);
    run_as(NOBODY, nobody_is_kept_out);
  }
}

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *where) {
  (void)status, (void)kind, (void)where;
  return remove(path);
}

int
main(void) {
  const char *parent = getenv("TMPDIR");
  umask(022);
  snprintf(base, sizeof base, "%.40s/scrun-units.XXXXXX", parent != NULL ? parent : "/tmp");
  CHECK(mkdtemp(base) != NULL);
  check_user_rows();
  test_no_home();
  if (getuid() == 0) {
    for (size_t i = 0; i < COUNT_OF(rows); i++)
      check_row(&rows[i], false);
    test_counts();
    test_long_names();
    CHECK(chmod(base, 0711) == 0);
    test_closed_folders();
    CHECK(chmod(base, 0777) == 0);
    run_as(NOBODY, check_user_rows);
    run_as(NOBODY, test_no_root);
  }
  test_no_root();
  CHECK(nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
  return check_done();
}
