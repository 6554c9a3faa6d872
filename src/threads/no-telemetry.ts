/**
 * To be imported before onnxruntime is. From 1.30 on, its packages for Linux and macOS report every session to their maker
 * over the network, and keep a database of reports in the user's cache folder, unless this is set when the native library
 * starts. Native code sees only what the main thread set: all that starts a worker thread imports this as well.
 */
process.env.ORT_DISABLE_TELEMETRY ??= '1';
