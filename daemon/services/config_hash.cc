#include "daemon/services/config_hash.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace nopo {
namespace {

// FNV-1a in 128 bits. Nobody gains from forging a collision in their own project's containers, so
// speed and having no dependency count for more than cryptographic strength.
class Fnv128 {
 public:
  void Add(absl::string_view text) {
    for (const char c : text) {
      hash_ ^= static_cast<unsigned char>(c);
      hash_ *= kPrime;
    }
  }
  std::string Hex() const {
    return absl::StrFormat("%016x%016x", static_cast<uint64_t>(hash_ >> 64),
                           static_cast<uint64_t>(hash_));
  }

 private:
  using Word = unsigned __int128;
  static constexpr Word kPrime = (Word{1} << 88) + 0x13b;
  Word hash_ = (Word{0x6c62272e07bb0142} << 64) + 0x62b821756295c58d;
};

// Writes "name=length:value" for what is set and nothing for the rest, so that an attribute added
// in a later release leaves the hash of those who do not use it as it was.
class Fields {
 public:
  void Add(absl::string_view name, absl::string_view value) {
    if (!value.empty()) AddAlways(name, value);
  }
  void Add(absl::string_view name, int64_t value) {
    if (value != 0) AddAlways(name, absl::StrCat(value));
  }
  void Add(absl::string_view name, absl::Duration value) {
    Add(name, absl::ToInt64Nanoseconds(value));
  }
  void Add(absl::string_view name, const std::vector<std::string>& values) {
    for (const std::string& value : values) AddAlways(name, value);
  }
  // Empty and unset differ.
  void Add(absl::string_view name, const std::optional<std::vector<std::string>>& values) {
    if (!values) return;
    AddAlways(name, absl::StrCat(values->size()));
    Add(name, *values);
  }
  void Add(absl::string_view name, const std::optional<bool>& value) {
    if (value) AddAlways(name, *value ? "true" : "false");
  }
  void Add(absl::string_view name, bool value) {
    if (value) AddAlways(name, "true");
  }
  std::string Hash() const { return hash_.Hex(); }

 private:
  void AddAlways(absl::string_view name, absl::string_view value) {
    hash_.Add(absl::StrCat(name, "=", value.size(), ":", value, "\n"));
  }

  Fnv128 hash_;
};

void AddNetworking(const ContainerSpec& spec, Fields& fields) {
  for (const PortBinding& port : spec.ports) {
    fields.Add("port", absl::StrCat(port.host_ip, "|", port.host_port, "|", port.container_port,
                                    "/", port.protocol));
  }
  fields.Add("network_mode", spec.network_mode);
  fields.Add("network_aliases", spec.network_aliases);
  fields.Add("extra_hosts", spec.extra_hosts);
  fields.Add("dns", spec.dns);
  fields.Add("hostname", spec.hostname);
}

void AddStorage(const ContainerSpec& spec, Fields& fields) {
  for (const Mount& mount : spec.mounts) {
    fields.Add("mount.type", mount.type);
    fields.Add("mount.source", mount.source);
    fields.Add("mount.target", mount.target);
    fields.Add("mount.read_only", mount.read_only);
    fields.Add("mount.create_host_path", mount.create_host_path);
  }
  fields.Add("tmpfs", spec.tmpfs);
  fields.Add("shm_size", spec.shm_size);
  fields.Add("read_only", spec.read_only);
}

void AddHealth(const HealthConfig& health, Fields& fields) {
  fields.Add("health.test", std::make_optional(health.test));
  fields.Add("health.interval", health.interval);
  fields.Add("health.timeout", health.timeout);
  fields.Add("health.start_period", health.start_period);
  fields.Add("health.start_interval", health.start_interval);
  fields.Add("health.retries", int64_t{health.retries});
}

void AddProcess(const ContainerSpec& spec, Fields& fields) {
  fields.Add("command", spec.command);
  fields.Add("entrypoint", spec.entrypoint);
  fields.Add("env", spec.env);
  fields.Add("working_dir", spec.working_dir);
  fields.Add("user", spec.user);
  fields.Add("stop_signal", spec.stop_signal);
  if (spec.stop_timeout_seconds) {
    fields.Add("stop_timeout", absl::StrCat(*spec.stop_timeout_seconds));
  }
  fields.Add("init", spec.init);
  fields.Add("tty", spec.tty);
  fields.Add("open_stdin", spec.open_stdin);
  fields.Add("restart", spec.restart);
}

void AddPrivileges(const ContainerSpec& spec, Fields& fields) {
  fields.Add("privileged", spec.privileged);
  fields.Add("cap_add", spec.cap_add);
  fields.Add("cap_drop", spec.cap_drop);
  fields.Add("security_opt", spec.security_opt);
  fields.Add("nano_cpus", spec.nano_cpus);
  fields.Add("memory_bytes", spec.memory_bytes);
}

}  // namespace

std::string ConfigHash(const ContainerSpec& spec, const Labels& user_labels,
                       const std::string& name) {
  Fields fields;
  AddProcess(spec, fields);
  AddNetworking(spec, fields);
  AddStorage(spec, fields);
  AddPrivileges(spec, fields);
  if (spec.health) AddHealth(*spec.health, fields);
  for (const auto& [key, value] : user_labels) fields.Add("label", absl::StrCat(key, "=", value));
  fields.Add("container_name", name);
  return fields.Hash();
}

}  // namespace nopo
