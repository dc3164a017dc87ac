// Asks whether the package registry can be reached before npm is let loose on it: with nobody at
// the other end, npm tries each of the 270 packages again and again and is silent for minutes.
import net from "net";

const timeLimitMs = 10000;

/**
 * Why `registry` (an address) cannot be connected to, as an error code, or "". Behind a proxy only
 * npm can tell, so nothing is tried.
 */
export async function whyUnreachable(registry, proxies) {
  const usesProxy = proxies.some((proxy) => proxy !== "" && proxy !== "null");
  if (usesProxy) {
    return "";
  }
  let address;
  try {
    address = new URL(registry);
  } catch {
    return "";
  }
  const port = Number(address.port) || (address.protocol === "http:" ? 80 : 443);
  // A first attempt may meet a network that is just waking up.
  const first = await connect(address.hostname, port);
  return first === "" ? "" : connect(address.hostname, port);
}

function connect(host, port) {
  return new Promise((resolve) => {
    const socket = net.connect({ host: host.replace(/^\[|\]$/g, ""), port, timeout: timeLimitMs });
    const end = (code) => {
      socket.destroy();
      resolve(code);
    };
    socket.on("connect", () => end(""));
    socket.on("timeout", () => end("ETIMEDOUT"));
    socket.on("error", (error) => end(error.code || "unknown"));
  });
}
