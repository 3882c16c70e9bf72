// How the services of a project stand. Pure: from what is wanted and what the engine has.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "daemon/docker/engine_mirror.h"
#include "daemon/services/desired_service.h"

namespace nopo {

// The fields of a service in `nopo status --json`, in that order.
struct ServiceStatus {
  struct InstanceStatus {
    std::string id, name;
    std::string state;               // The engine's: "running".
    std::vector<std::string> ports;  // "127.0.0.1:8080->3000/tcp"
    absl::Time started_at;           // InfinitePast: never.
    int exit_code = 0;
    int restarts = 0;
  };
  std::string target;
  // "completed" when all have ended well, as another service waits for. Else the worst of its
  // containers: "unhealthy", "dead", "exited", "restarting", "removing", "paused",
  // "created", "starting", "running" (no health check), "healthy"; "absent" without any.
  std::string state;
  std::string health;    // "healthy|unhealthy|starting|none": of those that run.
  std::string image;     // The tag that it should run.
  std::string image_id;  // What it does run; without containers what the tag names, "" if nothing.
  bool up_to_date = false;  // An `up` would find nothing to do.
  std::vector<InstanceStatus> containers;
};

// A service that others wait for to complete, and that did, is up to date.
ServiceStatus StatusOf(const DesiredService& desired, const EngineSnapshot& snapshot);

// "127.0.0.1:8080->3000/tcp"; an IPv6 address is put in brackets.
std::string PortText(const PortMapping& port);
// "http://127.0.0.1:32768" for each published TCP port that the host reaches; each port once.
std::vector<std::string> ServiceUrls(const std::vector<Container>& containers);

}  // namespace nopo
