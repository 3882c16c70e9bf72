#include "daemon/services/service_status.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/docker/compose_labels.h"
#include "daemon/services/service_reconciler.h"

namespace nopo {
namespace {

constexpr std::array<absl::string_view, 10> kWorstFirst = {
    "unhealthy", "dead",    "exited",   "restarting", "removing",
    "paused",    "created", "starting", "running",    "healthy"};

size_t Severity(absl::string_view state) {
  return std::find(kWorstFirst.begin(), kWorstFirst.end(), state) - kWorstFirst.begin();
}

// The engine keeps a stopped or paused container's last health, which then says nothing.
HealthState BelievableHealth(const Container& container) {
  const bool checked = container.state == ContainerState::kRunning && container.has_healthcheck;
  return checked ? container.health : HealthState::kNone;
}

std::string StateOf(const Container& container) {
  const HealthState health = BelievableHealth(container);
  return std::string(health == HealthState::kNone ? ContainerStateName(container.state)
                                                  : HealthStateName(health));
}

std::string WorstState(const std::vector<Container>& containers) {
  std::string worst;
  for (const Container& container : containers) {
    const std::string state = StateOf(container);
    if (worst.empty() || Severity(state) < Severity(worst)) worst = state;
  }
  return worst.empty() ? "absent" : worst;
}

std::string WorstHealth(const std::vector<Container>& containers) {
  for (const HealthState wanted :
       {HealthState::kUnhealthy, HealthState::kStarting, HealthState::kHealthy}) {
    for (const Container& container : containers) {
      if (BelievableHealth(container) == wanted) return std::string(HealthStateName(wanted));
    }
  }
  return "none";
}

bool IsCompleted(const DesiredService& desired, const std::vector<Container>& containers) {
  return desired.reach == DependencyCondition::kCompletedSuccessfully && !containers.empty() &&
         std::all_of(containers.begin(), containers.end(), [](const Container& container) {
           return container.state == ContainerState::kExited && container.exit_code == 0;
         });
}

ServiceStatus::InstanceStatus InstanceOf(const Container& container) {
  ServiceStatus::InstanceStatus instance;
  instance.id = container.id;
  instance.name = container.name;
  instance.state = std::string(ContainerStateName(container.state));
  for (const PortMapping& port : container.ports) instance.ports.push_back(PortText(port));
  instance.started_at = container.started_at;
  instance.exit_code = container.exit_code;
  instance.restarts = container.restart_count;
  return instance;
}

std::string HostAddress(const std::string& ip) {
  return absl::StrContains(ip, ":") ? absl::StrCat("[", ip, "]") : ip;
}

// A browser on this machine gets to "any address" by the loopback one.
std::string BrowsableHost(const std::string& ip) {
  const bool any = ip.empty() || ip == "0.0.0.0" || ip == "::";
  return any ? "127.0.0.1" : HostAddress(ip);
}

}  // namespace

ServiceStatus StatusOf(const DesiredService& desired, const EngineSnapshot& snapshot) {
  ObservedService observed = ObserveService(snapshot, desired);
  std::sort(observed.containers.begin(), observed.containers.end(),
            [](const Container& a, const Container& b) {
              return std::make_pair(ContainerNumber(a), a.name) <
                     std::make_pair(ContainerNumber(b), b.name);
            });
  ServiceStatus status;
  status.target = desired.service;
  status.state =
      IsCompleted(desired, observed.containers) ? "completed" : WorstState(observed.containers);
  status.health = WorstHealth(observed.containers);
  status.image = desired.image;
  status.image_id =
      observed.containers.empty() ? observed.image_id : observed.containers.front().image_id;
  status.up_to_date = ReconcileService(desired, observed, desired.reach).empty();
  for (const Container& container : observed.containers) {
    status.containers.push_back(InstanceOf(container));
  }
  return status;
}

std::string PortText(const PortMapping& port) {
  return absl::StrCat(HostAddress(port.host_ip), ":", port.host_port, "->", port.container_port,
                      "/", port.protocol);
}

std::vector<std::string> ServiceUrls(const std::vector<Container>& containers) {
  std::vector<std::string> urls;
  for (const Container& container : containers) {
    for (const PortMapping& port : container.ports) {
      if (port.protocol != "tcp" || port.host_port == 0) continue;
      std::string url = absl::StrCat("http://", BrowsableHost(port.host_ip), ":", port.host_port);
      if (std::find(urls.begin(), urls.end(), url) == urls.end()) urls.push_back(std::move(url));
    }
  }
  return urls;
}

}  // namespace nopo
