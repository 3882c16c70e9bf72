#include "daemon/project/quantities.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace nopo {
namespace {

constexpr double kMostCpus = 1e6;
constexpr double kMostBytes = 1e18;

// Takes digits and at most one decimal point off the front of `text`; no sign, no exponent.
std::optional<double> TakeDecimal(absl::string_view& text) {
  size_t length = 0;
  int points = 0;
  while (length < text.size() && (absl::ascii_isdigit(text[length]) || text[length] == '.')) {
    points += text[length++] == '.' ? 1 : 0;
  }
  double number = 0;
  if (points > 1 || !absl::SimpleAtod(text.substr(0, length), &number)) return std::nullopt;
  text.remove_prefix(length);
  return number;
}

std::optional<double> MemoryUnit(absl::string_view unit) {
  constexpr double kKibi = 1024, kKilo = 1000;
  constexpr std::array<std::pair<absl::string_view, double>, 18> kUnits = {{
      {"", 1},
      {"b", 1},
      {"k", kKibi},
      {"kb", kKibi},
      {"Ki", kKibi},
      {"K", kKilo},
      {"m", kKibi * kKibi},
      {"mb", kKibi * kKibi},
      {"Mi", kKibi * kKibi},
      {"M", kKilo * kKilo},
      {"g", kKibi * kKibi * kKibi},
      {"gb", kKibi * kKibi * kKibi},
      {"Gi", kKibi * kKibi * kKibi},
      {"G", kKilo * kKilo * kKilo},
      {"t", kKibi * kKibi * kKibi * kKibi},
      {"tb", kKibi * kKibi * kKibi * kKibi},
      {"Ti", kKibi * kKibi * kKibi * kKibi},
      {"T", kKilo * kKilo * kKilo * kKilo},
  }};
  for (const auto& [name, factor] : kUnits) {
    if (name == unit) return factor;
  }
  return std::nullopt;
}

// First and last of "80" or "8080-8090".
std::optional<std::pair<int, int>> ParsePortRange(absl::string_view text) {
  std::pair<int, int> range;
  const size_t dash = text.find('-');
  const absl::string_view first = text.substr(0, dash);
  const absl::string_view last = dash == absl::string_view::npos ? first : text.substr(dash + 1);
  for (const auto& [part, out] : {std::pair(first, &range.first), std::pair(last, &range.second)}) {
    if (part.empty() || !std::all_of(part.begin(), part.end(), absl::ascii_isdigit) ||
        !absl::SimpleAtoi(part, out) || *out < 1 || *out > 65535) {
      return std::nullopt;
    }
  }
  if (range.first > range.second) return std::nullopt;
  return range;
}

// Takes what stands behind the last colon of `text`, and the colon, off it.
absl::string_view TakeLastPart(absl::string_view& text) {
  const size_t colon = text.rfind(':');
  const absl::string_view part = colon == absl::string_view::npos ? text : text.substr(colon + 1);
  text = colon == absl::string_view::npos ? absl::string_view() : text.substr(0, colon);
  return part;
}

absl::string_view Unbracketed(absl::string_view address) {
  if (absl::ConsumePrefix(&address, "[")) absl::ConsumeSuffix(&address, "]");
  return address;
}

bool IsAddress(absl::string_view text) {
  in6_addr buffer;  // Large enough for both families.
  const std::string address(text);
  return ::inet_pton(AF_INET, address.c_str(), &buffer) == 1 ||
         ::inet_pton(AF_INET6, address.c_str(), &buffer) == 1;
}

}  // namespace

std::optional<int64_t> ParseCpus(absl::string_view text) {
  const std::optional<double> number = TakeDecimal(text);
  if (!number.has_value() || (text != "" && text != "m")) return std::nullopt;
  const double cpus = text == "m" ? *number / 1000 : *number;
  if (cpus > kMostCpus) return std::nullopt;
  const int64_t nano_cpus = std::llround(cpus * 1e9);
  if (nano_cpus <= 0) return std::nullopt;
  return nano_cpus;
}

std::optional<int64_t> ParseMemory(absl::string_view text) {
  const std::optional<double> number = TakeDecimal(text);
  if (!number.has_value()) return std::nullopt;
  const std::optional<double> factor = MemoryUnit(text);
  if (!factor.has_value() || *number * *factor > kMostBytes) return std::nullopt;
  const int64_t bytes = std::llround(*number * *factor);
  if (bytes <= 0) return std::nullopt;
  return bytes;
}

std::optional<absl::Duration> ParseDuration(absl::string_view text) {
  absl::Duration duration;
  if (text.empty() || !absl::ascii_isdigit(text[0]) || !absl::ParseDuration(text, &duration) ||
      duration == absl::InfiniteDuration()) {
    return std::nullopt;
  }
  return duration;
}

std::optional<std::vector<PublishedPort>> ParsePorts(absl::string_view text) {
  std::string protocol = "tcp";
  if (const size_t slash = text.find('/'); slash != absl::string_view::npos) {
    protocol = std::string(text.substr(slash + 1));
    text = text.substr(0, slash);
  }
  if (protocol != "tcp" && protocol != "udp" && protocol != "sctp") return std::nullopt;

  const auto targets = ParsePortRange(TakeLastPart(text));
  const absl::string_view published = TakeLastPart(text);
  const absl::string_view host_ip = Unbracketed(text);
  if (!targets.has_value() || (!host_ip.empty() && !IsAddress(host_ip))) return std::nullopt;
  const auto hosts = published.empty() ? std::nullopt : ParsePortRange(published);
  if (!published.empty() && !hosts.has_value()) return std::nullopt;

  const int count = targets->second - targets->first + 1;
  if (count == 1) {
    return {{{std::string(host_ip), std::string(published), targets->first, protocol}}};
  }
  if (hosts.has_value() && hosts->second - hosts->first + 1 != count) return std::nullopt;
  std::vector<PublishedPort> ports;
  for (int i = 0; i < count; ++i) {
    ports.push_back({std::string(host_ip), hosts ? absl::StrCat(hosts->first + i) : "",
                     targets->first + i, protocol});
  }
  return ports;
}

std::optional<std::vector<std::string>> SplitWords(absl::string_view text) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = '\0';
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (quote == '\0' && absl::ascii_isspace(c)) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (c == quote) {
      quote = '\0';
      continue;
    }
    if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
      continue;
    }
    // In double quotes a backslash only escapes what would be special there.
    const bool escapes =
        c == '\\' && quote != '\'' && i + 1 < text.size() &&
        (quote == '\0' || absl::string_view("\"\\$`").find(text[i + 1]) != absl::string_view::npos);
    if (escapes) c = text[++i];
    words.back().push_back(c);
  }
  if (quote != '\0') return std::nullopt;
  return words;
}

}  // namespace nopo
