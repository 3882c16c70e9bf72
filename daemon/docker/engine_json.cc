#include "daemon/docker/engine_json.h"

#include <array>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/error.h"
#include "common/status_macros.h"
#include "daemon/docker/json_fields.h"

namespace nopo {
namespace json = boost::json;
namespace {

ContainerState ContainerStateFrom(absl::string_view name) {
  constexpr std::array kStates = {ContainerState::kRunning,    ContainerState::kPaused,
                                  ContainerState::kRestarting, ContainerState::kRemoving,
                                  ContainerState::kExited,     ContainerState::kDead};
  for (const ContainerState state : kStates) {
    if (ContainerStateName(state) == name) return state;
  }
  return ContainerState::kCreated;
}

HealthState HealthStateFrom(absl::string_view name) {
  constexpr std::array kStates = {HealthState::kStarting, HealthState::kHealthy,
                                  HealthState::kUnhealthy};
  for (const HealthState state : kStates) {
    if (HealthStateName(state) == name) return state;
  }
  return HealthState::kNone;
}

// The engine writes the year 1 for "never".
absl::Time TimeFrom(const std::string& text) {
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return absl::InfinitePast();
  return time < absl::UnixEpoch() ? absl::InfinitePast() : time;
}

bool HasHealthcheck(const json::value& healthcheck) {
  const std::vector<std::string> test = TextsAt(healthcheck, {"Test"});
  return !test.empty() && test.front() != "NONE";
}

// {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "32768"}], "81/tcp": null}
std::vector<PortMapping> PortsFrom(const json::value& ports) {
  std::vector<PortMapping> mappings;
  for (const auto& member : Members(ports)) {
    const std::pair<absl::string_view, absl::string_view> key =
        absl::StrSplit(View(member.key()), absl::MaxSplits('/', 1));
    for (const json::value& binding : Elements(member.value())) {
      PortMapping mapping{.host_ip = TextAt(binding, {"HostIp"}),
                          .protocol = std::string(key.second)};
      if (absl::SimpleAtoi(key.first, &mapping.container_port) &&
          absl::SimpleAtoi(TextAt(binding, {"HostPort"}), &mapping.host_port)) {
        mappings.push_back(std::move(mapping));
      }
    }
  }
  return mappings;
}

void ReadState(const json::value& state, Container& container) {
  container.state = ContainerStateFrom(TextAt(state, {"Status"}));
  container.exit_code = static_cast<int>(IntegerAt(state, {"ExitCode"}));
  container.error = TextAt(state, {"Error"});
  container.oom_killed = FlagAt(state, {"OOMKilled"});
  container.started_at = TimeFrom(TextAt(state, {"StartedAt"}));
  // Once probing stops the engine calls any container unhealthy.
  if (container.state == ContainerState::kRunning) {
    container.health = HealthStateFrom(TextAt(state, {"Health", "Status"}));
  }
  const json::array& probes = Elements(FieldAt(state, {"Health", "Log"}));
  if (!probes.empty()) container.last_health_output = TextAt(probes.back(), {"Output"});
}

// An image without a tag or digest shows "<none>:<none>" instead.
std::vector<std::string> NamesAt(const json::value& value, absl::string_view key) {
  std::vector<std::string> names;
  for (std::string& name : TextsAt(value, {key})) {
    if (!name.starts_with("<none>")) names.push_back(std::move(name));
  }
  return names;
}

// What list and inspect have in common.
Volume VolumeFrom(const json::value& value) {
  return {.name = TextAt(value, {"Name"}),
          .labels = TextMapAt(value, {"Labels"}),
          .created = TextAt(value, {"CreatedAt"})};
}

Image ImageFrom(const json::value& value) {
  return Image{.id = TextAt(value, {"Id"}),
               .tags = NamesAt(value, "RepoTags"),
               .digests = NamesAt(value, "RepoDigests"),
               .size = IntegerAt(value, {"Size"})};
}

}  // namespace

absl::StatusOr<Container> ReadContainer(absl::string_view json) {
  NOPO_ASSIGN_OR_RETURN(const json::value value, ParseJson(json));
  Container container;
  container.id = TextAt(value, {"Id"});
  container.name = std::string(absl::StripPrefix(TextAt(value, {"Name"}), "/"));
  container.image = TextAt(value, {"Config", "Image"});
  container.image_id = TextAt(value, {"Image"});
  container.labels = TextMapAt(value, {"Config", "Labels"});
  container.has_healthcheck = HasHealthcheck(FieldAt(value, {"Config", "Healthcheck"}));
  container.restart_count = static_cast<int>(IntegerAt(value, {"RestartCount"}));
  container.created_at = TimeFrom(TextAt(value, {"Created"}));
  ReadState(FieldAt(value, {"State"}), container);
  container.ports = PortsFrom(FieldAt(value, {"NetworkSettings", "Ports"}));
  for (const auto& network : Members(FieldAt(value, {"NetworkSettings", "Networks"}))) {
    container.networks.emplace(View(network.key()), TextAt(network.value(), {"NetworkID"}));
  }
  return container;
}

absl::StatusOr<bool> ReadContainerHasTty(absl::string_view json) {
  NOPO_ASSIGN_OR_RETURN(const json::value value, ParseJson(json));
  return FlagAt(value, {"Config", "Tty"});
}

absl::StatusOr<std::vector<std::string>> ReadContainerIds(absl::string_view json) {
  NOPO_ASSIGN_OR_RETURN(const json::value value, ParseJson(json));
  std::vector<std::string> ids;
  for (const json::value& container : Elements(value)) ids.push_back(TextAt(container, {"Id"}));
  return ids;
}

absl::StatusOr<std::vector<Network>> ReadNetworks(absl::string_view json) {
  NOPO_ASSIGN_OR_RETURN(const json::value value, ParseJson(json));
  std::vector<Network> networks;
  for (const json::value& network : Elements(value)) {
    networks.push_back({.id = TextAt(network, {"Id"}),
                        .name = TextAt(network, {"Name"}),
                        .labels = TextMapAt(network, {"Labels"})});
  }
  return networks;
}

absl::StatusOr<std::vector<Volume>> ReadVolumes(absl::string_view json) {
  NOPO_ASSIGN_OR_RETURN(const json::value value, ParseJson(json));
  std::vector<Volume> volumes;
  for (const json::value& volume : Elements(FieldAt(value, {"Volumes"}))) {
    volumes.push_back(VolumeFrom(volume));
  }
  return volumes;
}

absl::StatusOr<Volume> ReadVolume(absl::string_view json) {
  NOPO_ASSIGN_OR_RETURN(const json::value value, ParseJson(json));
  return VolumeFrom(value);
}

absl::StatusOr<std::vector<Image>> ReadImages(absl::string_view json) {
  NOPO_ASSIGN_OR_RETURN(const json::value value, ParseJson(json));
  std::vector<Image> images;
  for (const json::value& element : Elements(value)) {
    images.push_back(ImageFrom(element));
    images.back().labels = TextMapAt(element, {"Labels"});
  }
  return images;
}

absl::StatusOr<Image> ReadImage(absl::string_view json) {
  NOPO_ASSIGN_OR_RETURN(const json::value value, ParseJson(json));
  Image image = ImageFrom(value);
  image.labels = TextMapAt(value, {"Config", "Labels"});
  image.command = TextsAt(value, {"Config", "Cmd"});
  image.entrypoint = TextsAt(value, {"Config", "Entrypoint"});
  image.has_healthcheck = HasHealthcheck(FieldAt(value, {"Config", "Healthcheck"}));
  return image;
}

absl::StatusOr<std::string> ReadCreatedId(absl::string_view json) {
  NOPO_ASSIGN_OR_RETURN(const json::value value, ParseJson(json));
  return TextAt(value, {"Id"});
}

absl::StatusOr<int> ReadExitCode(absl::string_view json) {
  NOPO_ASSIGN_OR_RETURN(const json::value value, ParseJson(json));
  const std::string message = TextAt(value, {"Error", "Message"});
  if (!message.empty()) {
    return MakeError(absl::StatusCode::kInternal, Reason::kEngineFailed, message);
  }
  return static_cast<int>(IntegerAt(value, {"StatusCode"}));
}

absl::StatusOr<ExecState> ReadExecState(absl::string_view json) {
  NOPO_ASSIGN_OR_RETURN(const json::value value, ParseJson(json));
  ExecState state{.running = FlagAt(value, {"Running"})};
  if (FieldAt(value, {"ExitCode"}).is_number()) {
    state.exit_code = static_cast<int>(IntegerAt(value, {"ExitCode"}));
  }
  state.refused = state.exit_code.has_value() && IntegerAt(value, {"Pid"}) == 0;
  return state;
}

absl::StatusOr<std::string> ReadEngineRelease(absl::string_view json) {
  NOPO_ASSIGN_OR_RETURN(const json::value value, ParseJson(json));
  return TextAt(value, {"Version"});
}

absl::StatusOr<EngineEvent> ReadEvent(absl::string_view json) {
  NOPO_ASSIGN_OR_RETURN(const json::value value, ParseJson(json));
  return EngineEvent{.type = TextAt(value, {"Type"}),
                     .action = TextAt(value, {"Action"}),
                     .actor_id = TextAt(value, {"Actor", "ID"}),
                     .attributes = TextMapAt(value, {"Actor", "Attributes"}),
                     .time_ns = IntegerAt(value, {"timeNano"})};
}

}  // namespace nopo
