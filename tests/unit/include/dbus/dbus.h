/* dbus.h - as much of libdbus's interface as the tests use. */
#pragma once

typedef struct DBusConnection DBusConnection;
typedef struct DBusWatch DBusWatch;
typedef unsigned (*DBusAddWatchFunction)(DBusWatch *watch, void *data);
typedef void (*DBusRemoveWatchFunction)(DBusWatch *watch, void *data);

unsigned dbus_connection_set_watch_functions(DBusConnection *connection, DBusAddWatchFunction add,
                                             DBusRemoveWatchFunction remove,
                                             DBusRemoveWatchFunction toggled, void *data,
                                             void (*free_data)(void *));
unsigned dbus_watch_handle(DBusWatch *watch, unsigned flags);
