#include "daemon/project/compose_attributes_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "daemon/project/quantities.h"

namespace nopo {
namespace {

// Text that is split like a command line, or a list that is taken as it is.
void ReadWords(ConfigMap& map, absl::string_view key,
               std::optional<std::vector<std::string>>& words) {
  const auto value = map.TakeSet(key);
  if (!value.has_value()) return;
  if (!value->IsText()) {
    words = value->TextList(/*or_text=*/true);
    return;
  }
  words = SplitWords(value->Spelling());
  if (!words.has_value()) value->Reject("a command line whose quotes are closed");
}

// A map, or a list of "NAME=VALUE"; entries without a value go to `without_value` if it is not
// null.
std::map<std::string, std::string> ReadPairs(const ConfigValue& value,
                                             std::vector<std::string>* without_value) {
  std::map<std::string, std::string> pairs;
  const auto add_bare = [&](const std::string& name) {
    if (without_value != nullptr) {
      without_value->push_back(name);
    } else {
      pairs[name] = "";
    }
  };
  if (!value.IsMap() && !value.IsList()) value.Reject("a map, or a list of 'NAME=VALUE'");
  for (const auto& [name, entry] : value.Entries()) {
    if (entry.IsNull()) {
      add_bare(name);
    } else if (const auto text = entry.Text()) {
      pairs[name] = *text;
    }
  }
  for (const ConfigValue& item : value.Items()) {
    const auto text = item.NonEmptyText("'NAME=VALUE'");
    if (!text.has_value()) continue;
    const size_t equals = text->find('=');
    if (equals == std::string::npos) {
      add_bare(*text);
    } else {
      pairs[text->substr(0, equals)] = text->substr(equals + 1);
    }
  }
  return pairs;
}

std::optional<absl::Duration> ReadDuration(ConfigMap& map, absl::string_view key) {
  const auto value = map.TakeSet(key);
  if (!value.has_value()) return std::nullopt;
  const std::optional<absl::Duration> duration = ParseDuration(value->Spelling());
  if (!duration.has_value()) value->Reject(kDurationForm);
  return duration;
}

// "CMD-SHELL" for text; a list says in its first word what it is.
void ReadTest(const ConfigValue& value, HealthCheck& check) {
  if (value.IsText()) {
    check.test = {"CMD-SHELL", value.Spelling()};
    return;
  }
  check.test = value.TextList(/*or_text=*/true);
  if (check.test.empty()) return;
  if (check.test[0] == "NONE") {
    check.disable = true;
    check.test.clear();
  } else if (check.test[0] != "CMD" && check.test[0] != "CMD-SHELL") {
    value.AddError(absl::StrCat("found ", Quoted(check.test[0]),
                                " first; expected 'CMD', 'CMD-SHELL' or 'NONE'"));
  }
}

HealthCheck ReadHealthCheck(const ConfigValue& value) {
  HealthCheck check;
  ConfigMap map(value);
  map.Read("disable", check.disable);
  if (const auto test = map.TakeSet("test")) ReadTest(*test, check);
  check.interval = ReadDuration(map, "interval");
  check.timeout = ReadDuration(map, "timeout");
  check.start_period = ReadDuration(map, "start_period");
  check.start_interval = ReadDuration(map, "start_interval");
  if (const auto retries = map.TakeSet("retries")) {
    if (const auto number = retries->Integer(0, 1'000'000))
      check.retries = static_cast<int>(*number);
  }
  map.RejectUnknownKeys();
  return check;
}

void ReadRestart(ConfigMap& map, std::string& restart) {
  const auto value = map.TakeSet("restart");
  if (!value.has_value()) return;
  absl::string_view count = value->Spelling();
  const bool counted = absl::ConsumePrefix(&count, "on-failure:") && !count.empty() &&
                       std::all_of(count.begin(), count.end(), ::isdigit);
  constexpr std::array<absl::string_view, 4> kPolicies = {"no", "always", "unless-stopped",
                                                          "on-failure"};
  const bool known =
      std::find(kPolicies.begin(), kPolicies.end(), value->Spelling()) != kPolicies.end();
  if (!counted && !known) {
    return value->Reject("'no', 'always', 'unless-stopped' or 'on-failure[:N]'");
  }
  restart = value->Spelling();
}

void ReadExtraHosts(ConfigMap& map, std::vector<std::string>& hosts) {
  const auto value = map.TakeSet("extra_hosts");
  if (!value.has_value()) return;
  if (value->IsMap()) {
    for (const auto& [name, address] : value->Entries()) {
      if (const auto text = address.NonEmptyText("an address")) {
        hosts.push_back(absl::StrCat(name, ":", *text));
      }
    }
    return;
  }
  for (std::string& host : value->TextList()) {
    // The engine wants a colon; Compose takes both.
    if (const size_t equals = host.find('='); equals != std::string::npos) host[equals] = ':';
    hosts.push_back(std::move(host));
  }
}

void ReadAliases(const ConfigValue& network, std::vector<std::string>& aliases) {
  if (network.IsNull()) return;
  ConfigMap map(network);
  map.Read("aliases", aliases);
  map.RejectUnknownKeys();
}

// A target is on the project's network, which Compose calls "default", and on no other.
void ReadNetworks(ConfigMap& map, std::vector<std::string>& aliases) {
  constexpr absl::string_view kExpected = "only 'default', the project's network";
  const auto value = map.TakeSet("networks");
  if (!value.has_value()) return;
  if (!value->IsMap() && !value->IsList()) return value->Reject(kExpected);
  for (const ConfigValue& item : value->Items()) {
    if (item.Spelling() != "default") item.Reject(kExpected);
  }
  for (const auto& [name, network] : value->Entries()) {
    if (name == "default") {
      ReadAliases(network, aliases);
    } else {
      network.AddKeyError(
          absl::StrCat("found the network ", Quoted(name), "; expected ", kExpected));
    }
  }
}

void ReadShmSize(ConfigMap& map, std::optional<int64_t>& bytes) {
  const auto value = map.TakeSet("shm_size");
  if (!value.has_value()) return;
  bytes = ParseMemory(value->Spelling());
  if (!bytes.has_value()) value->Reject(kMemoryForm);
}

// Attributes that a target has in another place of its nopo.yml.
void RejectMisplacedAttributes(ConfigMap& map) {
  constexpr std::array<std::pair<absl::string_view, absl::string_view>, 3> kOwnPlaces = {{
      {"image", "the target's own key 'image'"},
      {"build", "the target's own key 'build'"},
      {"depends_on", "'infrastructure.depends_on'"},
  }};
  for (const auto& [key, place] : kOwnPlaces) {
    if (const auto value = map.TakeMisplaced(key)) {
      value->AddKeyError(absl::StrCat("found the key '", key,
                                      "', which nopo can't honour here; "
                                      "expected ",
                                      place));
    }
  }
}

void ReadSwitches(ConfigMap& map, ComposeAttributes& attributes) {
  map.Read("init", attributes.init);
  map.Read("privileged", attributes.privileged);
  map.Read("read_only", attributes.read_only);
  map.Read("tty", attributes.tty);
  map.Read("stdin_open", attributes.stdin_open);
}

void ReadTexts(ConfigMap& map, ComposeAttributes& attributes) {
  map.Read("user", attributes.user);
  map.Read("working_dir", attributes.working_dir);
  map.Read("hostname", attributes.hostname);
  map.Read("stop_signal", attributes.stop_signal);
  map.Read("container_name", attributes.container_name);
  map.Read("network_mode", attributes.network_mode);
  map.Read("cap_add", attributes.cap_add);
  map.Read("cap_drop", attributes.cap_drop);
  map.Read("security_opt", attributes.security_opt);
  map.Read("tmpfs", attributes.tmpfs, /*or_text=*/true);
  map.Read("dns", attributes.dns, /*or_text=*/true);
}

}  // namespace

ComposeAttributes ReadComposeAttributes(const ConfigValue& value,
                                        const std::filesystem::path& dir) {
  ComposeAttributes attributes;
  ConfigMap map(value);
  ReadWords(map, "command", attributes.command);
  ReadWords(map, "entrypoint", attributes.entrypoint);
  if (const auto environment = map.TakeSet("environment")) {
    attributes.environment = ReadPairs(*environment, &attributes.environment_passthrough);
  }
  if (const auto labels = map.TakeSet("labels")) attributes.labels = ReadPairs(*labels, nullptr);
  if (const auto ports = map.TakeSet("ports")) attributes.ports = ReadPublishedPorts(*ports);
  if (const auto volumes = map.TakeSet("volumes")) {
    attributes.volumes = ReadVolumeMounts(*volumes, dir);
  }
  if (const auto check = map.TakeSet("healthcheck")) {
    attributes.healthcheck = ReadHealthCheck(*check);
  }
  ReadRestart(map, attributes.restart);
  attributes.stop_grace_period = ReadDuration(map, "stop_grace_period");
  ReadSwitches(map, attributes);
  ReadTexts(map, attributes);
  ReadExtraHosts(map, attributes.extra_hosts);
  ReadNetworks(map, attributes.networks_aliases);
  ReadShmSize(map, attributes.shm_size);
  RejectMisplacedAttributes(map);
  map.RejectUnknownKeys();
  return attributes;
}

}  // namespace nopo
