#include "daemon/buildkit/solve_error.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>
#include <regex>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "buildkit/error_details.pb.h"
#include "common/error.h"

namespace nopo {
namespace {

namespace json = boost::json;

constexpr int kGrpcUnavailable = 14;
constexpr absl::string_view kSourceType = "errdefs.Source+json";

// Texts that say how an error came to us, not what it is.
constexpr std::array kPrefixes = {
    absl::string_view("failed to solve: "),
    absl::string_view("failed to build LLB: "),
    absl::string_view("failed to create LLB definition: "),
    absl::string_view("failed to compute cache key: "),
    absl::string_view("failed to load cache key: "),
    absl::string_view("error from sender: "),
};

struct Place {
  std::optional<int> line;  // In the Dockerfile, from 1.
  std::string text;         // The message without it.
};

bool DropPrefix(absl::string_view& text) {
  for (const absl::string_view prefix : kPrefixes) {
    if (absl::ConsumePrefix(&text, prefix)) return true;
  }
  // With a variable part: the frontend's name, the code, an internal id.
  static const std::regex variable(
      "(failed to solve with frontend [^ :]+|rpc error: code = [A-Za-z]+ desc =|"
      "failed to calculate checksum of ref [^ ]+:|failed to walk [^ ]+: lstat [^ ]+:):? ");
  std::match_results<absl::string_view::const_iterator> match;
  if (!std::regex_search(text.begin(), text.end(), match, variable,
                         std::regex_constants::match_continuous)) {
    return false;
  }
  text.remove_prefix(static_cast<size_t>(match.length()));
  return true;
}

// Newer engines name the command as Go quotes it.
std::string CommandIn(const std::string& message, const std::string& command) {
  if (!absl::StartsWith(message, "process \"")) return command;
  return absl::StrReplaceAll(command, {{R"(\")", "\""}, {R"(\\)", R"(\)"}});
}

// Engines word the same failure differently; says it in one way.
std::string Reworded(absl::string_view text) {
  static const std::regex command(
      "(?:executor failed running \\[|process \")([^]*?)"
      "(?:\\]|\" did not complete successfully): (?:exit code: (\\d+)[^]*|([^]*))");
  static const std::regex not_found("(\"[^\"]*\")(?: not found)?: not found");
  // Where the engine has mounted another stage.
  static const std::regex not_mounted(
      "lstat /.*/(?:buildkit-mount\\d+|[0-9a-z]+/merged)(/.*): no such file or directory");
  const std::string whole(text);
  std::smatch match;
  if (std::regex_match(whole, match, command)) {
    const std::string how = match[2].matched ? absl::StrCat(" with exit code ", match.str(2))
                                             : absl::StrCat(": ", match.str(3));
    return absl::StrCat("'", CommandIn(whole, match.str(1)), "' failed", how);
  }
  if (std::regex_match(whole, match, not_found)) return absl::StrCat(match.str(1), " not found");
  if (std::regex_match(whole, match, not_mounted)) {
    return absl::StrCat("\"", match.str(1), "\" not found");
  }
  return whole;
}

// "dockerfile parse error on line 3: unknown instruction: RUM" names its line itself.
Place PlaceInText(absl::string_view text) {
  static const std::regex parse_error("^dockerfile parse error (?:on )?line (\\d+): ([^]*)$");
  const std::string whole(text);
  std::smatch match;
  int line = 0;
  if (std::regex_match(whole, match, parse_error) && absl::SimpleAtoi(match.str(1), &line)) {
    return {line, match.str(2)};
  }
  return {std::nullopt, whole};
}

std::optional<int> FirstLine(absl::string_view source_json) {
  boost::system::error_code error;
  const json::value source = json::parse({source_json.data(), source_json.size()}, error);
  if (error) return std::nullopt;
  const json::value* line = source.find_pointer("/ranges/0/start/line", error);
  if (line == nullptr || !line->is_int64() || line->as_int64() < 1) return std::nullopt;
  return static_cast<int>(line->as_int64());
}

std::optional<int> LineInDetails(const std::string& details) {
  buildkit::ErrorDetails parsed;
  if (details.empty() || !parsed.ParseFromString(details)) return std::nullopt;
  for (const auto& detail : parsed.details()) {
    if (!absl::EndsWith(detail.type_url(), kSourceType)) continue;
    const std::optional<int> line = FirstLine(detail.value());
    if (line.has_value()) return line;
  }
  return std::nullopt;
}

bool ContainsAny(absl::string_view text, std::initializer_list<absl::string_view> needles) {
  return std::any_of(needles.begin(), needles.end(),
                     [&](absl::string_view needle) { return absl::StrContains(text, needle); });
}

Reason ReasonFor(absl::string_view message) {
  const bool is_network =
      ContainsAny(message, {"failed to do request", "dial tcp", "pull access denied",
                            "401 Unauthorized", "failed to authorize", "i/o timeout",
                            // A registry that answers, but not with what was asked for.
                            "failed with status code", "unexpected status"});
  return is_network ? Reason::kNetwork : Reason::kBuildFailed;
}

std::vector<std::string> HintsFor(absl::string_view message, absl::string_view text) {
  if (absl::StrContains(message, "failed to do request") ||
      absl::StrContains(message, "pull access denied")) {
    return {"the image is not in the engine's store and could not be pulled"};
  }
  if (absl::StartsWith(text, "cannot read ")) {
    return {"make it readable, or leave it out of the context: name it in .dockerignore"};
  }
  if (std::string hint = FullDiskHint(message); !hint.empty()) return {std::move(hint)};
  const bool is_missing_source =
      absl::EndsWith(text, "\" not found") && absl::StrContains(message, "cache key");
  if (is_missing_source) {
    return {"is the file in the build context, and not excluded by .dockerignore?"};
  }
  return {};
}

}  // namespace

// Go and C libraries word the kernel's error alike but for the capital.
std::string FullDiskHint(absl::string_view text) {
  if (!absl::StrContains(absl::AsciiStrToLower(text), "no space left on device")) return "";
  return "the engine's disk is full: `docker system df` shows what is on it, and "
         "`docker builder prune` gives up build cache";
}

absl::Status SolveError(const SolveFailure& failure, absl::string_view dockerfile_name) {
  if (failure.code == kGrpcUnavailable) {
    const char* const server = failure.in_engine ? "the engine" : "BuildKit";
    return MakeError(absl::StatusCode::kUnavailable,
                     failure.in_engine ? Reason::kEngineUnavailable : Reason::kNetwork,
                     absl::StrCat(server, " went away during the build (", failure.message, ")"));
  }
  absl::string_view text = failure.message;
  while (DropPrefix(text)) {
  }
  Place place = PlaceInText(text);
  if (!place.line.has_value()) place.line = LineInDetails(failure.details);
  const std::string reworded = Reworded(place.text);
  const std::string where =
      place.line.has_value() ? absl::StrCat(dockerfile_name, ":", *place.line, ": ") : "";
  return MakeError(absl::StatusCode::kFailedPrecondition, ReasonFor(failure.message),
                   absl::StrCat(where, reworded), HintsFor(failure.message, reworded));
}

}  // namespace nopo
