#include "daemon/docker/container_json.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/docker/json_fields.h"

namespace nopo {
namespace json = boost::json;
namespace {

// Keys that nobody types in this order. Of the default ones, Ctrl-P Ctrl-Q, the engine holds every
// Ctrl-P back until the next key; Ctrl-@ is the rarest one that it takes here.
constexpr char kRareDetachKeys[] = "ctrl-@,ctrl-^,ctrl-@,ctrl-_";

void SetText(json::object& object, absl::string_view key, const std::string& text) {
  if (!text.empty()) object[{key.data(), key.size()}] = text;
}

void SetTexts(json::object& object, absl::string_view key, const std::vector<std::string>& texts) {
  if (!texts.empty()) object[{key.data(), key.size()}] = JsonTexts(texts);
}

void SetDuration(json::object& object, absl::string_view key, absl::Duration duration) {
  if (duration <= absl::ZeroDuration()) return;
  object[{key.data(), key.size()}] = absl::ToInt64Nanoseconds(duration);
}

json::object HealthcheckOf(const HealthConfig& health, const EngineVersion& version) {
  json::object check;
  SetTexts(check, "Test", health.test);
  SetDuration(check, "Interval", health.interval);
  SetDuration(check, "Timeout", health.timeout);
  SetDuration(check, "StartPeriod", health.start_period);
  if (version.ApiAtLeast(1, 44)) SetDuration(check, "StartInterval", health.start_interval);
  if (health.retries > 0) check["Retries"] = health.retries;
  return check;
}

std::string PortKey(const PortBinding& port) {
  return absl::StrCat(port.container_port, "/", port.protocol);
}

// The engine publishes only what is exposed too, and says nothing about the rest.
json::object ExposedPortsOf(const ContainerSpec& spec) {
  json::object exposed;
  for (const PortBinding& port : spec.ports) exposed[PortKey(port)] = json::object();
  return exposed;
}

json::object PortBindingsOf(const ContainerSpec& spec) {
  json::object bindings;
  for (const PortBinding& port : spec.ports) {
    if (port.host_port.empty()) continue;
    json::value& list = bindings[PortKey(port)];
    if (!list.is_array()) list = json::array();
    list.as_array().push_back(json::object{{"HostIp", port.host_ip}, {"HostPort", port.host_port}});
  }
  return bindings;
}

// Only a bind in the old notation makes the engine create a missing folder.
bool GoesToBinds(const Mount& mount) { return mount.type == "bind" && mount.create_host_path; }

void SetMounts(json::object& host, const std::vector<Mount>& mounts) {
  json::array binds, others;
  for (const Mount& mount : mounts) {
    if (GoesToBinds(mount)) {
      binds.emplace_back(
          absl::StrCat(mount.source, ":", mount.target, mount.read_only ? ":ro" : ""));
      continue;
    }
    json::object entry{{"Type", mount.type}, {"Target", mount.target}};
    SetText(entry, "Source", mount.source);
    if (mount.read_only) entry["ReadOnly"] = true;
    others.push_back(std::move(entry));
  }
  if (!binds.empty()) host["Binds"] = std::move(binds);
  if (!others.empty()) host["Mounts"] = std::move(others);
}

// {"/run:size=64m"} -> {"/run": "size=64m"}
json::object TmpfsOf(const std::vector<std::string>& entries) {
  json::object tmpfs;
  for (const std::string& entry : entries) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(entry, absl::MaxSplits(':', 1));
    tmpfs[{parts.first.data(), parts.first.size()}] =
        json::string_view(parts.second.data(), parts.second.size());
  }
  return tmpfs;
}

// "on-failure:3"
json::object RestartPolicyOf(const std::string& restart) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(restart, absl::MaxSplits(':', 1));
  json::object policy;
  policy["Name"] = json::string_view(parts.first.data(), parts.first.size());
  int retries = 0;
  if (absl::SimpleAtoi(parts.second, &retries)) policy["MaximumRetryCount"] = retries;
  return policy;
}

json::object HostConfigOf(const ContainerSpec& spec) {
  json::object host;
  SetMounts(host, spec.mounts);
  json::object bindings = PortBindingsOf(spec);
  if (!bindings.empty()) host["PortBindings"] = std::move(bindings);
  SetText(host, "NetworkMode", spec.network_mode);
  if (spec.nano_cpus > 0) host["NanoCpus"] = spec.nano_cpus;
  if (spec.memory_bytes > 0) host["Memory"] = spec.memory_bytes;
  if (spec.shm_size > 0) host["ShmSize"] = spec.shm_size;
  if (!spec.restart.empty()) host["RestartPolicy"] = RestartPolicyOf(spec.restart);
  if (spec.console_rows > 0) host["ConsoleSize"] = {spec.console_rows, spec.console_columns};
  if (spec.auto_remove) host["AutoRemove"] = true;
  if (spec.init.has_value()) host["Init"] = *spec.init;
  if (spec.privileged) host["Privileged"] = true;
  if (spec.read_only) host["ReadonlyRootfs"] = true;
  SetTexts(host, "CapAdd", spec.cap_add);
  SetTexts(host, "CapDrop", spec.cap_drop);
  SetTexts(host, "ExtraHosts", spec.extra_hosts);
  SetTexts(host, "Dns", spec.dns);
  SetTexts(host, "SecurityOpt", spec.security_opt);
  if (!spec.tmpfs.empty()) host["Tmpfs"] = TmpfsOf(spec.tmpfs);
  return host;
}

// The engine refuses aliases elsewhere.
bool IsUserDefinedNetwork(absl::string_view mode) {
  return !mode.empty() && mode != "default" && mode != "bridge" && mode != "host" &&
         mode != "none" && !absl::StartsWith(mode, "container:");
}

}  // namespace

std::string ContainerCreateBody(const ContainerSpec& spec, const EngineVersion& version) {
  json::object body{{"Image", spec.image},
                    {"Tty", spec.tty},
                    {"OpenStdin", spec.open_stdin},
                    {"StdinOnce", spec.attach_stdin},
                    {"AttachStdin", spec.attach_stdin},
                    {"AttachStdout", true},
                    {"AttachStderr", true}};
  if (spec.command.has_value()) body["Cmd"] = JsonTexts(*spec.command);
  if (spec.entrypoint.has_value()) body["Entrypoint"] = JsonTexts(*spec.entrypoint);
  SetTexts(body, "Env", spec.env);
  body["Labels"] = JsonTextMap(spec.labels);
  SetText(body, "WorkingDir", spec.working_dir);
  SetText(body, "User", spec.user);
  SetText(body, "Hostname", spec.hostname);
  SetText(body, "StopSignal", spec.stop_signal);
  if (spec.stop_timeout_seconds.has_value()) body["StopTimeout"] = *spec.stop_timeout_seconds;
  if (!spec.ports.empty()) body["ExposedPorts"] = ExposedPortsOf(spec);
  if (spec.health.has_value()) body["Healthcheck"] = HealthcheckOf(*spec.health, version);
  body["HostConfig"] = HostConfigOf(spec);
  if (IsUserDefinedNetwork(spec.network_mode)) {
    json::object endpoint;
    SetTexts(endpoint, "Aliases", spec.network_aliases);
    json::object endpoints;
    endpoints[spec.network_mode] = std::move(endpoint);
    body["NetworkingConfig"] = json::object{{"EndpointsConfig", std::move(endpoints)}};
  }
  return json::serialize(body);
}

std::string ExecCreateBody(const ExecSpec& spec, const EngineVersion& version) {
  json::object body{{"Cmd", JsonTexts(spec.command)}, {"Tty", spec.tty},
                    {"AttachStdin", spec.attach},     {"AttachStdout", spec.attach},
                    {"AttachStderr", spec.attach},    {"Privileged", spec.privileged}};
  SetTexts(body, "Env", spec.env);
  SetText(body, "WorkingDir", spec.working_dir);
  SetText(body, "User", spec.user);
  if (spec.tty) body["DetachKeys"] = kRareDetachKeys;
  if (spec.tty && spec.console_rows > 0 && version.ApiAtLeast(1, 42)) {
    body["ConsoleSize"] = {spec.console_rows, spec.console_columns};
  }
  return json::serialize(body);
}

std::string ExecStartBody(bool detach, bool tty) {
  return json::serialize(json::object{{"Detach", detach}, {"Tty", tty}});
}

std::string NetworkCreateBody(absl::string_view name, const Labels& labels) {
  return json::serialize(json::object{{"Name", json::string_view(name.data(), name.size())},
                                      {"CheckDuplicate", true},
                                      {"Labels", JsonTextMap(labels)}});
}

std::string VolumeCreateBody(absl::string_view name, const Labels& labels) {
  return json::serialize(json::object{{"Name", json::string_view(name.data(), name.size())},
                                      {"Labels", JsonTextMap(labels)}});
}

std::string LabelFilter(const std::vector<std::string>& labels) {
  return json::serialize(json::object{{"label", JsonTexts(labels)}});
}

}  // namespace nopo
