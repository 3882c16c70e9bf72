// What the Docker Engine API takes and gives, in nopo's terms. Pure data; source: Docker Engine API
// v1.41 to v1.45.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace nopo {

struct EngineVersion {
  std::string api_version;         // What both sides speak: "1.41".
  std::string engine_api_version;  // The newest that the engine speaks.
  std::string server;              // How it introduces itself: "Docker/26.1.5 (linux)".
  std::string os;
  bool buildkit = false;  // The engine says that BuildKit is its default; old ones say nothing.
  bool ApiAtLeast(int major, int minor) const;
};

using Labels = std::map<std::string, std::string>;

enum class ContainerState { kCreated, kRunning, kPaused, kRestarting, kRemoving, kExited, kDead };
absl::string_view ContainerStateName(ContainerState state);  // "running"
enum class HealthState { kNone, kStarting, kHealthy, kUnhealthy };
absl::string_view HealthStateName(HealthState state);  // "healthy"

struct PortMapping {
  std::string host_ip;
  int host_port = 0;
  int container_port = 0;
  std::string protocol = "tcp";
  friend bool operator==(const PortMapping&, const PortMapping&) = default;
};

// A container as GET /containers/{id}/json shows it.
struct Container {
  std::string id;
  std::string name;      // Without the leading '/'.
  std::string image;     // As written at create.
  std::string image_id;  // "sha256:..."
  Labels labels;
  ContainerState state = ContainerState::kCreated;
  HealthState health = HealthState::kNone;  // kNone unless it runs: probing stops with it.
  bool has_healthcheck = false;
  std::string last_health_output;  // Of the newest probe.
  int exit_code = 0;
  std::string error;  // Why it failed to start.
  bool oom_killed = false;
  int restart_count = 0;
  absl::Time created_at, started_at;            // InfinitePast before the first start.
  std::vector<PortMapping> ports;               // Published ones, as bound.
  std::map<std::string, std::string> networks;  // Name -> id.
  friend bool operator==(const Container&, const Container&) = default;
};

struct Network {
  std::string id, name;
  Labels labels;
  friend bool operator==(const Network&, const Network&) = default;
};

struct Volume {
  std::string name;
  Labels labels;
  std::string created;  // As the engine writes times.
  friend bool operator==(const Volume&, const Volume&) = default;
};

struct Image {
  std::string id;
  std::vector<std::string> tags;  // "shop-web:local"; normalised as the engine lists them.
  std::vector<std::string> digests;
  Labels labels;
  std::vector<std::string> command, entrypoint;
  bool has_healthcheck = false;
  int64_t size = 0;
};

struct Mount {
  std::string type;  // "bind", "volume", "tmpfs"
  std::string source, target;
  bool read_only = false;
  bool create_host_path = false;  // bind: make a missing directory (sent as HostConfig.Binds).
};

struct HealthConfig {
  std::vector<std::string> test;  // {"NONE"}, {"CMD", ...}, {"CMD-SHELL", "..."}; empty = image's.
  absl::Duration interval, timeout, start_period, start_interval;  // Zero = engine's default.
  int retries = 0;
};

struct PortBinding {
  int container_port = 0;
  std::string protocol = "tcp";
  std::string host_ip;
  std::string host_port;  // "" = do not publish, only expose; "0" = any free one.
};

// What POST /containers/create is asked for.
struct ContainerSpec {
  std::string image;
  std::optional<std::vector<std::string>> command, entrypoint;  // Unset = the image's.
  std::vector<std::string> env;                                 // "K=V"
  Labels labels;
  std::string working_dir, user, hostname, stop_signal;
  std::optional<int> stop_timeout_seconds;
  std::vector<PortBinding> ports;
  std::vector<Mount> mounts;
  std::string network_mode;  // Name of the main network, "host", "none"; "" = the engine's default.
  std::vector<std::string> network_aliases;  // On the main network.
  int64_t nano_cpus = 0, memory_bytes = 0;   // 0 = no limit.
  std::string restart;                       // "on-failure:3"; "" = no.
  std::optional<HealthConfig> health;
  // With `tty`, from the start; 0 = told later. Engines before API 1.42 have to be told later.
  int console_columns = 0, console_rows = 0;
  bool tty = false, open_stdin = false, attach_stdin = false, auto_remove = false;
  std::optional<bool> init;
  bool privileged = false, read_only = false;
  std::vector<std::string> cap_add, cap_drop, extra_hosts, tmpfs, dns, security_opt;
  int64_t shm_size = 0;
};

// What POST /containers/{id}/exec is asked for.
struct ExecSpec {
  std::vector<std::string> command;  // A program of the container and its arguments; no shell.
  std::vector<std::string> env;      // "K=V", added to the container's.
  std::string working_dir, user;     // "" = the container's.
  bool privileged = false;
  bool attach = true;  // To stdin, stdout and stderr; else they lead nowhere.
  bool tty = false;
  int console_columns = 0, console_rows = 0;  // As of ContainerSpec.
};

// A command in a container as GET /exec/{id}/json shows it.
struct ExecState {
  bool running = false;
  std::optional<int> exit_code;  // Unset before its end.
  // It never ran: there is no such program or user. What it has "printed" are the engine's words.
  bool refused = false;
  friend bool operator==(const ExecState&, const ExecState&) = default;
};

// An image reference as the engine's list shows it: "shop" -> "shop:latest",
// "docker.io/library/nginx:1" -> "nginx:1", "nginx:1@sha256:0" -> "nginx@sha256:0". An id
// ("sha256:0") stays as it is.
std::string NormalizedTag(absl::string_view reference);

// NormalizedTag of a tag, "name@sha256:..." of a digest or an id -> id.
using ImageIds = std::map<std::string, std::string>;
// Of every name of `images`.
ImageIds IdsByName(const std::vector<Image>& images);

}  // namespace nopo
