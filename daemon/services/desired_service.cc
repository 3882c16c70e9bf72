#include "daemon/services/desired_service.h"

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/docker/compose_labels.h"
#include "daemon/project/compose_template.h"
#include "daemon/project/container_paths.h"
#include "daemon/services/config_hash.h"
#include "daemon/services/shell_words.h"

namespace nopo {
namespace {

// Where generated images have the project.

// Modes in which the engine neither publishes ports nor knows names of its own.
bool SharesNetwork(const std::string& mode) {
  return mode == "host" || mode == "none" || absl::StartsWith(mode, "container:");
}
// The engine gives names only on networks that users made.
bool TakesAliases(const std::string& mode) {
  return !SharesNetwork(mode) && mode != "bridge" && mode != "default";
}

bool IsFixedPort(const PublishedPort& port) {
  return !port.published.empty() && port.published != "0" &&
         !absl::StrContains(port.published, "-");
}

absl::Status Unsupported(const Target& target, absl::string_view attribute,
                         absl::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
                   absl::StrCat(target.location.file, ": compose.", attribute, ": ", message));
}

absl::Status CheckNetworking(const Target& target) {
  const ComposeAttributes& compose = target.compose;
  const std::string& mode = compose.network_mode;
  if (absl::StartsWith(mode, "service:")) {
    return Unsupported(target, "network_mode",
                       absl::StrCat("'", mode,
                                    "' is not supported; services reach each other by "
                                    "name, or use container:NAME"));
  }
  if (SharesNetwork(mode) && compose.ports && !compose.ports->empty()) {
    return Unsupported(target, "ports",
                       absl::StrCat("cannot be published with network_mode '", mode, "'"));
  }
  if (!mode.empty() && !TakesAliases(mode) && !compose.networks_aliases.empty()) {
    return Unsupported(target, "networks",
                       absl::StrCat("aliases are not possible with network_mode '", mode, "'"));
  }
  return absl::OkStatus();
}

absl::Status CheckInstances(const Target& target, int instances) {
  if (instances <= 1) return absl::OkStatus();
  if (!target.compose.container_name.empty()) {
    return Unsupported(target, "container_name",
                       absl::StrCat("'", target.compose.container_name, "' can name only one of ",
                                    instances, " instances; leave it out"));
  }
  for (const PublishedPort& port : target.compose.ports.value_or(std::vector<PublishedPort>())) {
    if (!IsFixedPort(port)) continue;
    return Unsupported(target, "ports",
                       absl::StrCat("only one of ", instances, " instances can have host port ",
                                    port.published, "; give a range or leave the host port out"));
  }
  return absl::OkStatus();
}

std::vector<PortBinding> Ports(const Target& target) {
  if (SharesNetwork(target.compose.network_mode)) return {};
  if (!target.compose.ports) {
    return {
        {.container_port = target.infrastructure.port, .host_ip = "127.0.0.1", .host_port = "0"}};
  }
  std::vector<PortBinding> bindings;
  for (const PublishedPort& port : *target.compose.ports) {
    bindings.push_back({.container_port = port.target,
                        .protocol = port.protocol,
                        .host_ip = port.host_ip,
                        .host_port = port.published.empty() ? "0" : port.published});
  }
  return bindings;
}

// The path of a bind mount, in which "~" is the caller's home.
absl::StatusOr<std::string> BindSource(const Target& target, const std::string& source,
                                       const EnvironmentMap& environment) {
  if (!absl::StartsWith(source, "~")) return source;
  const auto home = environment.find("HOME");
  if (home != environment.end() && absl::StartsWith(home->second, "/")) {
    return std::filesystem::path(home->second + source.substr(1)).lexically_normal().string();
  }
  return Unsupported(target, "volumes",
                     absl::StrCat("'", source, "' needs the variable HOME, which is not set"));
}

absl::StatusOr<std::vector<Mount>> Mounts(const Target& target, const EnvironmentMap& environment,
                                          DesiredService& service) {
  std::vector<Mount> mounts;
  for (const VolumeMount& volume : target.compose.volumes) {
    Mount mount{.source = volume.source, .target = volume.target, .read_only = volume.read_only};
    switch (volume.type) {
      case VolumeMount::Type::kBind: {
        mount.type = "bind";
        NOPO_ASSIGN_OR_RETURN(mount.source, BindSource(target, volume.source, environment));
        mount.create_host_path = volume.create_host_path;
        break;
      }
      case VolumeMount::Type::kVolume:
        mount.type = "volume";
        if (!volume.source.empty()) {
          mount.source = absl::StrCat(service.project, "_", volume.source);
          service.volumes.push_back({mount.source, volume.source});
        }
        break;
      case VolumeMount::Type::kTmpfs:
        mount.type = "tmpfs";
        break;
    }
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

std::optional<HealthConfig> Health(const ComposeAttributes& compose) {
  if (!compose.healthcheck) return std::nullopt;
  const HealthCheck& check = *compose.healthcheck;
  if (check.disable) return HealthConfig{.test = {"NONE"}};
  return HealthConfig{.test = check.test,
                      .interval = check.interval.value_or(absl::ZeroDuration()),
                      .timeout = check.timeout.value_or(absl::ZeroDuration()),
                      .start_period = check.start_period.value_or(absl::ZeroDuration()),
                      .start_interval = check.start_interval.value_or(absl::ZeroDuration()),
                      .retries = check.retries.value_or(0)};
}

// commands.start, when it is what the container runs; else null.
const Command* StartCommand(const Target& target) {
  if (target.compose.command || !target.infrastructure.command.empty()) return nullptr;
  const Command* start = target.FindCommand("start");
  return start != nullptr && !start->run.empty() ? start : nullptr;
}

std::optional<std::vector<std::string>> CommandOf(const Target& target) {
  if (target.compose.command) return target.compose.command;
  if (!target.infrastructure.command.empty()) {
    return ContainerCommand(target.infrastructure.command);
  }
  if (const Command* start = StartCommand(target)) return ContainerCommand(start->run);
  return std::nullopt;
}

std::vector<std::string> Environment(const Target& target, const EnvironmentMap& environment,
                                     const EnvironmentMap& dotenv) {
  EnvironmentMap variables;
  if (const Command* start = StartCommand(target)) variables = start->env;
  for (const std::string& key : target.compose.environment_passthrough) {
    if (const auto caller = environment.find(key); caller != environment.end()) {
      variables[key] = caller->second;
    } else if (const auto file = dotenv.find(key); file != dotenv.end()) {
      variables[key] = file->second;
    }
  }
  for (const auto& [key, value] : target.compose.environment) variables[key] = value;
  std::vector<std::string> result;
  for (const auto& [key, value] : variables) result.push_back(absl::StrCat(key, "=", value));
  return result;
}

absl::string_view ConditionName(DependencyCondition condition) {
  switch (condition) {
    case DependencyCondition::kStarted:
      return "service_started";
    case DependencyCondition::kHealthy:
      return "service_healthy";
    case DependencyCondition::kCompletedSuccessfully:
      return "service_completed_successfully";
  }
  return "service_started";
}

// Compose's "db:service_healthy:false,...", from which `docker compose down` without a file takes
// its order. Packages have no containers and are left out.
std::string DependsOn(const Project& project, const Target& target) {
  std::map<std::string, DependencyCondition> services;
  auto add = [&](const std::string& name, DependencyCondition condition) {
    const Target* dependency = project.FindTarget(name);
    if (dependency != nullptr && dependency->kind == TargetKind::kService) {
      services[dependency->id] = condition;
    }
  };
  for (const Dependency& dependency : target.dependencies) {
    add(dependency.target, DependencyCondition::kHealthy);
  }
  for (const StartDependency& dependency : target.infrastructure.depends_on) {
    add(dependency.target, dependency.condition);
  }
  return absl::StrJoin(services, ",", [](std::string* out, const auto& entry) {
    absl::StrAppend(out, entry.first, ":", ConditionName(entry.second), ":false");
  });
}

// What the service is there for: to end, where another one waits for that.
DependencyCondition ReachOf(const Project& project, const Target& target) {
  for (const Target& other : project.targets) {
    for (const StartDependency& dependency : other.infrastructure.depends_on) {
      if (dependency.condition != DependencyCondition::kCompletedSuccessfully) continue;
      const Target* awaited = project.FindTarget(dependency.target);
      if (awaited != nullptr && awaited->id == target.id) return dependency.condition;
    }
  }
  return DependencyCondition::kHealthy;
}

void SetProcess(const Target& target, ContainerSpec& spec) {
  const ComposeAttributes& compose = target.compose;
  spec.command = CommandOf(target);
  spec.entrypoint = compose.entrypoint;
  spec.working_dir = ConfiguredDirectory(target);
  spec.user = compose.user;
  spec.hostname = compose.hostname;
  spec.stop_signal = compose.stop_signal;
  if (compose.stop_grace_period) {
    spec.stop_timeout_seconds = static_cast<int>(
        absl::ToInt64Seconds(absl::Ceil(*compose.stop_grace_period, absl::Seconds(1))));
  }
  spec.restart = compose.restart == "no" ? "" : compose.restart;
  spec.health = Health(compose);
  spec.tty = compose.tty.value_or(false);
  spec.open_stdin = compose.stdin_open.value_or(false);
  spec.init = compose.init;
}

void SetLimits(const Target& target, ContainerSpec& spec) {
  const ComposeAttributes& compose = target.compose;
  spec.nano_cpus = target.infrastructure.nano_cpus;
  spec.memory_bytes = target.infrastructure.memory_bytes;
  spec.privileged = compose.privileged.value_or(false);
  spec.read_only = compose.read_only.value_or(false);
  spec.cap_add = compose.cap_add;
  spec.cap_drop = compose.cap_drop;
  spec.security_opt = compose.security_opt;
  spec.shm_size = compose.shm_size.value_or(0);
}

void SetNetworking(const Project& project, const Target& target, DesiredService& service) {
  const ComposeAttributes& compose = target.compose;
  ContainerSpec& spec = service.spec;
  service.uses_project_network = compose.network_mode.empty();
  spec.network_mode = compose.network_mode.empty() ? NetworkName(project) : compose.network_mode;
  if (TakesAliases(spec.network_mode)) {
    spec.network_aliases = {target.id};
    for (const std::string& alias : compose.networks_aliases) spec.network_aliases.push_back(alias);
  }
  spec.ports = Ports(target);
  spec.extra_hosts = compose.extra_hosts;
  spec.dns = compose.dns;
}

void SetLabels(const Project& project, const Target& target, DesiredService& service) {
  Labels& labels = service.spec.labels;
  labels = target.compose.labels;
  labels[kLabelProject] = service.project;
  labels[kLabelService] = service.service;
  labels[kLabelOneOff] = "False";
  labels[kLabelDependsOn] = DependsOn(project, target);
  labels[kLabelWorkingDir] = project.root.string();
  labels[kLabelConfigFiles] = project.config_file.string();
  labels[kLabelVersion] = kComposeVersion;
  labels[kLabelConfigHash] = service.config_hash;
  labels[kLabelComposeHash] = service.config_hash;
}

// A port that the engine's answer shows for `binding`: "" and "0.0.0.0" are the same address.
bool IsMappingOf(const PortMapping& mapping, const PortBinding& binding) {
  auto address = [](const std::string& ip) { return ip.empty() ? std::string("0.0.0.0") : ip; };
  return mapping.container_port == binding.container_port && mapping.protocol == binding.protocol &&
         mapping.host_port != 0 && address(mapping.host_ip) == address(binding.host_ip);
}

}  // namespace

std::string NetworkName(const Project& project) { return absl::StrCat(project.slug, "_default"); }

std::string ContainerName(const DesiredService& service, int number) {
  if (!service.container_name.empty()) return service.container_name;
  return absl::StrCat(service.project, "-", service.service, "-", number);
}

absl::StatusOr<DesiredService> DesiredServiceOf(const Project& project, const Target& written,
                                                const std::string& image, int instances,
                                                const EnvironmentMap& environment,
                                                const EnvironmentMap& dotenv) {
  NOPO_ASSIGN_OR_RETURN(const Target target, WithVariables(written, environment, dotenv));
  NOPO_RETURN_IF_ERROR(CheckNetworking(target));
  NOPO_RETURN_IF_ERROR(CheckInstances(target, instances));
  DesiredService service;
  service.project = project.slug;
  service.service = target.id;
  service.image = image;
  service.container_name = target.compose.container_name;
  service.instances = instances;
  service.reach = ReachOf(project, target);
  service.stop_grace = target.compose.stop_grace_period.value_or(service.stop_grace);
  service.spec.image = image;
  SetProcess(target, service.spec);
  SetLimits(target, service.spec);
  SetNetworking(project, target, service);
  service.spec.env = Environment(target, environment, dotenv);
  NOPO_ASSIGN_OR_RETURN(service.spec.mounts, Mounts(target, environment, service));
  service.spec.tmpfs = target.compose.tmpfs;
  service.config_hash = ConfigHash(service.spec, target.compose.labels, service.container_name);
  SetLabels(project, target, service);
  return service;
}

ContainerSpec InstanceSpec(const DesiredService& service, int number, const std::string& image_id,
                           const std::vector<PortMapping>& host_ports) {
  ContainerSpec spec = service.spec;
  spec.labels[kLabelNumber] = absl::StrCat(number);
  spec.labels[kLabelImage] = image_id;
  if (TakesAliases(spec.network_mode)) {
    spec.network_aliases.insert(spec.network_aliases.begin(), ContainerName(service, number));
  }
  for (PortBinding& binding : spec.ports) {
    if (binding.host_port != "0") continue;
    const auto kept =
        std::find_if(host_ports.begin(), host_ports.end(),
                     [&](const PortMapping& mapping) { return IsMappingOf(mapping, binding); });
    if (kept != host_ports.end()) binding.host_port = absl::StrCat(kept->host_port);
  }
  return spec;
}

}  // namespace nopo
