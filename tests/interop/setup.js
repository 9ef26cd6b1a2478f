// SPDX-License-Identifier: Apache-2.0
// setup.js - imported before anything else of matter.js: this test's arguments and environment are its own,
// nothing is kept on disk unless INTEROP_STORAGE names a folder, and the log goes to standard error.
import { config } from "@matter/nodejs/config";

config.loadProcessArgv = false;
config.loadProcessEnv = false;
config.loadConfigFile = false;
config.trapProcessSignals = false;
config.setProcessExitCodeOnError = false;
config.storageDriver = process.env.INTEROP_STORAGE === undefined ? "memory" : "file";
config.defaultStoragePath = process.env.INTEROP_STORAGE ?? `${process.env.INTEROP_WORK}/matter`;

const { Environment, Logger } = await import("@matter/main");

Environment.default.vars.set("mdns.networkInterface", process.env.INTEROP_INTERFACE);
Environment.default.vars.set("mdns.ipv4", false);
Logger.destinations.default.write = text => process.stderr.write(text + "\n");
Logger.format = "plain";
Logger.level = process.env.INTEROP_LOG ?? "info";
