#include "daemon/operations/get_status.h"

#include <sys/utsname.h>

#include <boost/json.hpp>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/duration_text.h"
#include "common/status_macros.h"
#include "daemon/operations/other_directories.h"
#include "daemon/operations/run_report.h"
#include "daemon/project/image_names.h"
#include "daemon/services/service_status.h"
#include "daemon/sync/cache_volume.h"
#include "daemon/sync/dependency_sync.h"

namespace nopo {
namespace {

// Everything that both renderings show.
struct StatusReport {
  std::shared_ptr<const Project> project;
  DaemonFacts daemon;
  std::string endpoint, engine_version, api_version;
  std::string engine_state;  // "connected" or "unreachable"
  std::string engine_error;
  SyncState sync;
  std::vector<ServiceStatus> services;
  std::set<std::string> others;  // Directories whose containers have the project's name.
};

// "linux x64": platform and architecture as Node names them, which is what scripts compare with.
std::string PlatformName() {
  utsname system{};
  ::uname(&system);
  std::string name(system.sysname), machine(system.machine);
  std::transform(name.begin(), name.end(), name.begin(), ::tolower);
  if (machine == "x86_64") machine = "x64";
  if (machine == "aarch64") machine = "arm64";
  return absl::StrCat(name, " ", machine);
}

absl::StatusOr<std::vector<DesiredService>> SelectServices(const OpenedProject& opened,
                                                           const StatusOptions& options) {
  const Project& project = *opened.project;
  NOPO_ASSIGN_OR_RETURN(const std::vector<const Target*> targets,
                        SelectTargets(project, options.selection));
  std::vector<DesiredService> services;
  for (const Target* target : targets) {
    if (target->kind != TargetKind::kService) continue;
    NOPO_ASSIGN_OR_RETURN(DesiredService desired,
                          DesiredServiceOf(project, *target, ImageOf(*target, opened.names),
                                           std::max(1, target->infrastructure.min_instances),
                                           options.caller.environment, opened.dotenv));
    services.push_back(std::move(desired));
  }
  return services;
}

// `snapshot` is null without an engine: nobody knows then how services stand.
std::vector<ServiceStatus> StatusOfAll(const std::vector<DesiredService>& services,
                                       const EngineSnapshot* snapshot) {
  std::vector<ServiceStatus> all;
  for (const DesiredService& desired : services) {
    all.push_back(StatusOf(desired, snapshot == nullptr ? EngineSnapshot() : *snapshot));
    if (snapshot == nullptr) all.back().state = "unknown";
  }
  return all;
}

// Those that services run, and the base image.
std::vector<std::string> ImagesOf(const std::vector<DesiredService>& services,
                                  const ImageNames& names) {
  std::vector<std::string> images = {names.base};
  for (const DesiredService& service : services) images.push_back(service.image);
  return images;
}

// An engine without an address that could be used, or one that does not answer there.
std::shared_ptr<const EngineSnapshot> Unreachable(const absl::Status& why, StatusReport& report) {
  report.engine_state = "unreachable";
  report.engine_error = std::string(why.message());
  return nullptr;
}

// Asks the caller's engine; one that cannot be reached becomes part of the report, and there is no
// snapshot then.
absl::StatusOr<std::shared_ptr<const EngineSnapshot>> ReadEngine(
    const Workspace& workspace, const Caller& caller, const OpenedProject& opened,
    const std::vector<std::string>& images, StatusReport& report, EventSink& events,
    const Cancellation& cancellation) {
  report.endpoint = caller.Variable("DOCKER_HOST");
  const absl::StatusOr<EngineSession*> found = workspace.engines.For(caller);
  if (!found.ok()) return Unreachable(found.status(), report);
  EngineSession& session = **found;
  report.endpoint = session.choice.endpoint.ToString();
  auto snapshot = ObserveEngine(session, events, cancellation, images);
  if (absl::IsCancelled(snapshot.status())) return snapshot.status();
  if (!snapshot.ok()) return Unreachable(snapshot.status(), report);
  report.engine_state = "connected";
  NOPO_ASSIGN_OR_RETURN(const EngineIdentity identity, session.Identity(cancellation));
  report.engine_version = identity.version;
  report.api_version = identity.api_version;
  NOPO_ASSIGN_OR_RETURN(report.sync,
                        StateOfSync(session.engine, workspace.ledger, *opened.project,
                                    (*snapshot)->ImageId(opened.names.base),
                                    LedgerScope(*opened.project, session), cancellation));
  return *snapshot;
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone());
}

boost::json::object ContainerJson(const ServiceStatus::InstanceStatus& container) {
  boost::json::array ports;
  for (const std::string& port : container.ports) ports.emplace_back(port);
  const bool started = container.started_at != absl::InfinitePast();
  return {{"id", container.id},
          {"name", container.name},
          {"state", container.state},
          {"ports", ports},
          {"started_at", started ? TimeText(container.started_at) : ""},
          {"exit_code", container.exit_code},
          {"restarts", container.restarts}};
}

boost::json::object ServicesJson(const std::vector<ServiceStatus>& services) {
  boost::json::object json;
  for (const ServiceStatus& service : services) {
    boost::json::array containers;
    for (const auto& container : service.containers) containers.push_back(ContainerJson(container));
    json[service.target] =
        boost::json::object{{"state", service.state},           {"health", service.health},
                            {"image", service.image},           {"image_id", service.image_id},
                            {"up_to_date", service.up_to_date}, {"containers", containers}};
  }
  return json;
}

std::string RenderJson(const StatusReport& report) {
  const Project& project = *report.project;
  boost::json::object engine{{"endpoint", report.endpoint},
                             {"version", report.engine_version},
                             {"api_version", report.api_version},
                             {"state", report.engine_state}};
  if (!report.engine_error.empty()) engine["reason"] = report.engine_error;
  const boost::json::object status{
      {"project",
       {{"name", project.name},
        {"config_path", project.config_file.string()},
        {"root", project.root.string()},
        {"service_count", project.ListedCount()}}},
      {"system", {{"platform", PlatformName()}, {"nopo", report.daemon.version}}},
      {"daemon",
       {{"version", report.daemon.version},
        {"pid", report.daemon.pid},
        {"uptime_s", absl::ToDoubleSeconds(report.daemon.uptime)},
        {"projects", report.daemon.projects},
        {"rss_bytes", report.daemon.rss_bytes}}},
      {"engine", engine},
      {"cache",
       {{"volume", kCacheVolume},
        {"state", report.sync.state},
        {"last_sync", report.sync.last_sync.has_value() ? TimeText(*report.sync.last_sync) : ""},
        {"mode", report.sync.mode}}},
      {"services", ServicesJson(report.services)}};
  return absl::StrCat(boost::json::serialize(status), "\n");
}

std::string PortsOf(const ServiceStatus& service) {
  std::vector<std::string> ports;
  for (const auto& container : service.containers) {
    ports.insert(ports.end(), container.ports.begin(), container.ports.end());
  }
  return absl::StrJoin(ports, ", ");
}

std::string RenderText(const StatusReport& report, bool detailed) {
  std::string text =
      absl::StrFormat("%s  %s\n", report.project->name, report.project->root.string());
  absl::StrAppend(&text, "engine  ", report.endpoint, "  ");
  if (report.engine_error.empty()) {
    absl::StrAppend(&text, report.engine_version, " (API ", report.api_version, ")\n");
  } else {
    absl::StrAppend(&text, report.engine_state, ": ", report.engine_error, "\n");
  }
  absl::StrAppendFormat(&text, "daemon  pid %d, up %s, %.1f MB\n\n", report.daemon.pid,
                        ShortDuration(report.daemon.uptime),
                        static_cast<double>(report.daemon.rss_bytes) / 1e6);
  size_t width = 7;
  for (const ServiceStatus& service : report.services) {
    width = std::max(width, service.target.size());
  }
  const auto add_row = [&](absl::string_view service, absl::string_view state,
                           absl::string_view current, absl::string_view ports) {
    std::string row = absl::StrFormat("%-*s  %-10s  %-9s  %s", static_cast<int>(width), service,
                                      state, current, ports);
    absl::StripTrailingAsciiWhitespace(&row);
    absl::StrAppend(&text, row, "\n");
  };
  add_row("SERVICE", "STATE", "CURRENT", "PORTS");
  for (const ServiceStatus& service : report.services) {
    const absl::string_view current = service.up_to_date ? "yes" : "no";
    add_row(service.target, service.state, report.engine_error.empty() ? current : "unknown",
            PortsOf(service));
    if (!detailed) continue;
    for (const auto& container : service.containers) {
      absl::StrAppendFormat(&text, "  %s  %s  %s  restarts %d  exit code %d\n", container.name,
                            container.id.substr(0, 12), container.state, container.restarts,
                            container.exit_code);
    }
    absl::StrAppendFormat(&text, "  image %s  %s\n", service.image, service.image_id);
  }
  for (const std::string& other : report.others) {
    absl::StrAppend(&text, "\nthe project in ", other, " has the name '", report.project->slug,
                    "' too; its containers are not shown\n");
  }
  return text;
}

}  // namespace

absl::StatusOr<std::string> GetStatus(const Workspace& workspace, const StatusOptions& options,
                                      EventSink& events, const Cancellation& cancellation) {
  NOPO_ASSIGN_OR_RETURN(const OpenedProject opened, OpenProject(workspace, options.caller, events));
  StatusReport report{.project = opened.project, .daemon = options.daemon};
  NOPO_ASSIGN_OR_RETURN(const std::vector<DesiredService> services,
                        SelectServices(opened, options));
  NOPO_ASSIGN_OR_RETURN(
      auto snapshot, ReadEngine(workspace, options.caller, opened, ImagesOf(services, opened.names),
                                report, events, cancellation));
  if (snapshot != nullptr) {
    report.others = OtherDirectories(workspace, *opened.project, *snapshot, events);
    snapshot = WithoutDirectories(std::move(snapshot), report.others);
  }
  report.services = StatusOfAll(services, snapshot.get());
  if (options.format == OutputFormat::kJson) return RenderJson(report);
  std::string text = RenderText(report, options.detailed);
  if (report.services.empty() && options.selection.IsFiltered()) {
    absl::StrAppend(&text, kNoTargetMatches, "\n");
  }
  return text;
}

}  // namespace nopo
