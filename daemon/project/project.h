// What nopo.yml files say, read, defaulted and validated: an immutable value that operations share.
//
// Pure data. Paths are absolute and lexically normal unless said otherwise.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace nopo {

// A place in a configuration file; line and column count from 1, 0 when unknown.
struct SourceLocation {
  std::string file;  // Relative to the project root.
  int line = 0;
  int column = 0;
  // "apps/web/nopo.yml:12:3"
  std::string ToString() const;
};

// A key of a configuration file, for messages about what its value turns out to mean.
struct ConfigKey {
  SourceLocation location;  // Of the value, or of the key; unknown for what nobody wrote.
  std::string path;         // "commands.lint.dir"
  // "apps/web/nopo.yml:12:3: commands.lint.dir: "; "" when unknown.
  std::string Prefix() const;
};

using EnvironmentMap = std::map<std::string, std::string>;

// Where a command runs when the request does not say.
enum class CommandContext { kUnset, kHost, kContainer };

// A dependency on another target; `commands` empty means "the same command as the dependent's".
struct Dependency {
  std::string target;
  std::vector<std::string> commands;  // "build", "check:py"
  SourceLocation location;
};

// A command of a target, or a sub-command; exactly one of `run` and `children` is set.
struct Command {
  std::string name;               // "py"
  std::string path;               // "check:py"
  std::string run;                // Shell command line.
  std::vector<Command> children;  // In file order.
  EnvironmentMap env;             // Inherited values merged in.
  // As written (inheritance resolved): "" target's directory, "root", absolute, or relative to it.
  std::string dir;
  ConfigKey dir_key;  // Where `dir` is written, maybe at a command above.
  CommandContext context = CommandContext::kUnset;
  // Only on top-level commands. Unset: the target's service-level dependencies apply.
  std::optional<std::vector<Dependency>> dependencies;
  SourceLocation location;
};

enum class DependencyCondition { kStarted, kHealthy, kCompletedSuccessfully };

// Start order: `target` must have reached `condition` first.
struct StartDependency {
  std::string target;
  DependencyCondition condition = DependencyCondition::kHealthy;
  std::vector<std::string> commands;  // Run in a container between target's start and ours.
  SourceLocation location;
};

struct Infrastructure {
  std::string cpu = "1";         // As written.
  std::string memory = "512Mi";  // As written.
  int64_t nano_cpus = 1'000'000'000;
  int64_t memory_bytes = 512LL << 20;
  int port = 3000;
  int min_instances = 0;
  int max_instances = 10;
  bool has_database = false;
  bool run_migrations = false;
  std::string command;    // "" = commands.start, else the image's own.
  std::string directory;  // As written: from the project root. "" = unset.
  std::vector<StartDependency> depends_on;
};

// A value for RUN --mount=type=secret, which is in no image.
struct BuildSecret {
  std::string id;
  std::filesystem::path file;  // Absolute, or below the caller's home ("~/.npmrc").
  std::string variable;        // Or the name of a variable of the caller's environment or `.env`.
};
// An SSH agent for RUN --mount=type=ssh.
struct BuildSshAgent {
  std::string id = "default";
  std::string socket;  // Like BuildSecret::file; "" = that of SSH_AUTH_SOCK.
};

struct BuildSettings {
  std::string command;
  std::vector<std::string> output;
  std::vector<std::string> packages;
  EnvironmentMap env;
  std::string working_dir;  // As written: from the project root. "" = the target's directory.
  ConfigKey working_dir_key;
  std::vector<Dependency> depends_on;
  std::optional<std::string> context;  // As written; "root" = the project root.
  std::string target;                  // Stage; "" = unset.
  EnvironmentMap args;
  std::vector<BuildSecret> secrets;
  std::vector<BuildSshAgent> ssh_agents;
};

// A published or mounted thing of `compose:`, in Compose's meaning.
struct PublishedPort {
  std::string host_ip;    // "" = 0.0.0.0
  std::string published;  // "" = any free port; "8080" or a range "8080-8090".
  int target = 0;
  std::string protocol = "tcp";
};
struct VolumeMount {
  enum class Type { kBind, kVolume, kTmpfs };
  Type type = Type::kVolume;
  std::string source;  // kBind: absolute path or "~/x"; kVolume: volume key, "" = anonymous.
                       // key, "" = anonymous.
  std::string target;  // Absolute path in the container.
  bool read_only = false;
  bool create_host_path = true;  // kBind: short syntax creates a missing directory.
};
struct HealthCheck {
  bool disable = false;
  std::vector<std::string> test;  // {"CMD", ...} or {"CMD-SHELL", "..."}; empty = the image's.
  std::optional<absl::Duration> interval, timeout, start_period, start_interval;
  std::optional<int> retries;
};

// The Compose service attributes that nopo honours under `compose:`; what is unset is derived or
// the image's own. Any other attribute is a load error that names it.
struct ComposeAttributes {
  std::optional<std::vector<std::string>> command;  // A string is split as a shell would.
  std::optional<std::vector<std::string>> entrypoint;
  EnvironmentMap environment;
  std::vector<std::string> environment_passthrough;  // Keys without value: taken from the caller.
  std::optional<std::vector<PublishedPort>> ports;
  std::vector<VolumeMount> volumes;
  std::optional<HealthCheck> healthcheck;
  std::map<std::string, std::string> labels;
  std::string restart;  // "no", "always", "unless-stopped", "on-failure[:N]"; "" = unset.
  std::string user;
  std::string working_dir;
  std::string hostname;
  std::string stop_signal;
  std::optional<absl::Duration> stop_grace_period;
  std::optional<bool> init, privileged, read_only, tty, stdin_open;
  std::vector<std::string> cap_add, cap_drop, extra_hosts, tmpfs, dns, security_opt;
  std::optional<int64_t> shm_size;  // Bytes.
  std::string container_name;
  std::string network_mode;  // "" = the project network; "host", "none", ...
  std::vector<std::string> networks_aliases;
};

class ComposeTemplate;

enum class TargetKind { kService, kPackage, kRoot };

struct Target {
  std::string id;    // The directory's name, `root_name` for the root: what users type.
  std::string name;  // Display name.
  TargetKind kind = TargetKind::kPackage;
  std::string description;
  std::vector<std::string> tags;
  std::filesystem::path dir;
  std::string path;                  // `dir` from the project root, "." for the root.
  std::string image;                 // A pre-built image: never built. "" = none.
  std::filesystem::path dockerfile;  // Empty = none.
  std::string static_path = "build";
  std::vector<Dependency> dependencies;  // Service-level.
  Infrastructure infrastructure;
  std::optional<BuildSettings> build;
  ComposeAttributes compose;
  // What `compose` lacks of the file, as each request has other variables; null without any "$".
  std::shared_ptr<const ComposeTemplate> compose_template;
  std::vector<Command> commands;  // Top level, in file order.
  SourceLocation location;        // Of its nopo.yml.

  // By path ("check:py"); null when absent.
  const Command* FindCommand(absl::string_view path) const;
  // Every command and sub-command's path, each parent before its children, in file order.
  std::vector<std::string> CommandPaths() const;
  // True when `nopo build` can make something of it: it has build.command, a Dockerfile, or is a
  // service that runs on the base image. False for the root and for a pre-built `image`.
  bool Buildable() const;
};

// "commands.check", "root.commands.check": the key of a top-level command of `target`.
std::string CommandKey(const Target& target, absl::string_view name);

struct BaseImage {
  std::string image;                                          // os.base.image
  ConfigKey image_key;                                        // Where it is, or belongs.
  std::vector<std::pair<std::string, std::string>> packages;  // name, version ("" = any)
  int uid = 1001;
  int gid = 1001;
  std::string home = "/home/nopo";
  std::filesystem::path dockerfile;  // nopo/docker/Dockerfile, if there is one.
};

// What fetches the project's dependencies for `up`, in a container of the base image.
struct DependencyManager {
  std::string name;                    // "pnpm"
  std::vector<std::string> lockfiles;  // From the project root.
  std::string offline, online;         // Command lines; "" = it has none.
  std::string cache;                   // At or below kCacheInContainer; "" = none.
  std::string installs;                // Folder that it makes in the root; "" = not known of any.
  EnvironmentMap env;
  // What the image must have for it, where its lockfile is all that speaks for it. "" = nopo.yml
  // declares it.
  std::string program;
};

struct Project {
  std::string name;
  std::string slug;  // See behaviour 8.1; part of image and container names.
  std::filesystem::path root;
  std::filesystem::path config_file;
  std::vector<std::filesystem::path> services_dirs;
  std::string root_name = "root";
  BaseImage os;
  std::vector<DependencyManager> dependency_managers;
  Target root_target;                 // kRoot: the root-level commands.
  std::vector<Target> targets;        // Sorted by id (bytes). Without the root.
  std::vector<std::string> warnings;  // Unknown keys: what `list --validate` prints.

  // Case-insensitive; also finds the root by its name. Null when absent.
  const Target* FindTarget(absl::string_view id) const;
  // The target whose directory contains `dir`, the innermost one; the root where there is no other,
  // null outside of the project.
  const Target* TargetContaining(const std::filesystem::path& dir) const;
  // How many targets `list` shows: the root counts when it has commands.
  int ListedCount() const;
  // Ids of all targets, for messages.
  std::vector<std::string> TargetIds() const;
};

}  // namespace nopo
