// What `up` says at its end of the services it was asked for: state and where to reach them.
#pragma once

#include <map>
#include <string>

#include "daemon/docker/engine_mirror.h"
#include "daemon/services/desired_service.h"

namespace nopo {

struct ServiceReport {
  std::string text;  // A line each: "web  healthy  http://127.0.0.1:49153\n"
  std::string json;  // {"web": {"state": "healthy", "urls": ["http://127.0.0.1:49153"]}}
};

ServiceReport ReportServices(const std::map<std::string, DesiredService>& services,
                             const EngineSnapshot& snapshot);

}  // namespace nopo
