// base/error.h: the one exception type, and the table of SQLSTATE codes.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace tupelo {

// Every condition the engine can report: name, SQLSTATE, one sentence.
// To add one: a row here, and (for a new class) a row in python/ext/errors.cpp.
#define TUPELO_ERROR_CODES(X)                                                                     \
  X(kFeatureNotSupported, "0A000", "The statement uses a feature that is not supported.")         \
  X(kCardinalityViolation, "21000", "A scalar subquery returned more than one row.")              \
  X(kInsertColumnMismatch, "21S01", "The number of values is not the number of columns.")         \
  X(kDegreeMismatch, "21S02", "The degree of a query is not the number of column names.")         \
  X(kStringTruncation, "22001", "A string is longer than its type allows.")                       \
  X(kNumericOutOfRange, "22003", "A number is outside the range of its type.")                    \
  X(kNullNotAllowed, "22004", "A null was given where a value is required.")                      \
  X(kInvalidDatetimeFormat, "22007", "A string is not a valid literal of a datetime type.")       \
  X(kDatetimeOverflow, "22008", "A datetime field is outside its range.")                         \
  X(kInvalidTimeZone, "22009", "A time zone displacement is outside its range.")                  \
  X(kSubstringError, "22011", "A substring length is negative.")                                  \
  X(kDivisionByZero, "22012", "Division by zero.")                                                \
  X(kInvalidFrameOffset, "22013", "The offset of a window frame is negative.")                    \
  X(kInvalidNtile, "22014", "The argument of NTILE is not positive.")                             \
  X(kIntervalOverflow, "22015", "An interval field does not fit its precision.")                  \
  X(kInvalidNthValue, "22016", "The second argument of NTH_VALUE is not positive.")               \
  X(kInvalidCast, "22018", "A value cannot be converted to the type asked for.")                  \
  X(kInvalidEscapeCharacter, "22019", "The escape of LIKE is not one character.")                 \
  X(kInvalidCharacter, "22021", "Text is not valid UTF-8.")                                       \
  X(kInvalidParameterValue, "22023", "A parameter's value is not allowed here.")                  \
  X(kInvalidEscapeSequence, "22025", "The escape in a LIKE pattern precedes nothing special.")    \
  X(kSequenceExhausted, "2200H", "A sequence or identity column has given its last number.")      \
  X(kBadCopyFormat, "22P04", "A file of COPY is not what its options say.")                       \
  X(kTrimError, "22027", "The trim character is not one character.")                              \
  X(kInvalidRegularExpression, "2201B", "A pattern is not a regular expression.")                 \
  X(kInvalidLimit, "2201W", "The row count of LIMIT or FETCH FIRST is negative.")                 \
  X(kInvalidOffset, "2201X", "The row count of OFFSET is negative.")                              \
  X(kInvalidWidthBucket, "2201G", "The bounds or the number of buckets are not valid.")           \
  X(kInvalidLogarithm, "2201E", "The argument of a logarithm is not positive.")                   \
  X(kInvalidPower, "2201F", "The arguments of POWER have no real result.")                        \
  X(kGeneratedAlways, "428C9", "A value was given for a GENERATED ALWAYS column.")                \
  X(kIntegrityViolation, "23000", "An integrity constraint is violated.")                         \
  X(kRestrictViolation, "23001", "A RESTRICT foreign key is violated.")                           \
  X(kNotNullViolation, "23502", "A NOT NULL constraint is violated.")                             \
  X(kForeignKeyViolation, "23503", "A foreign key constraint is violated.")                       \
  X(kUniqueViolation, "23505", "A unique constraint is violated.")                                \
  X(kCheckViolation, "23514", "A check constraint is violated.")                                  \
  X(kInvalidCursorState, "24000", "The cursor has no open result.")                               \
  X(kInvalidTransactionState, "25000", "The statement is not allowed in this transaction state.") \
  X(kActiveTransaction, "25001", "A transaction is already active.")                              \
  X(kReadOnlyTransaction, "25006", "The transaction is read only.")                               \
  X(kNoActiveTransaction, "25P01", "No transaction is active.")                                   \
  X(kTransactionEnded, "25P02", "The transaction was ended; roll it back.")                       \
  X(kDependentObjects, "2BP01", "Other objects depend on the object.")                            \
  X(kInvalidSavepoint, "3B001", "The savepoint does not exist.")                                  \
  X(kInvalidSchemaName, "3F000", "The schema does not exist.")                                    \
  X(kTransactionRollback, "40000", "The host has refused to commit; it was rolled back.")         \
  X(kSerializationFailure, "40001", "The transaction conflicts with another one; retry it.")      \
  X(kDeadlock, "40P01", "Transactions wait for each other in a circle; retry this one.")          \
  X(kCheckOptionViolation, "44000", "A row does not belong to the view that it is written to.")   \
  X(kSyntaxError, "42601", "The text is not valid SQL.")                                          \
  X(kInvalidName, "42602", "An identifier is not valid.")                                         \
  X(kNameTooLong, "42622", "An identifier is longer than 128 characters.")                        \
  X(kDuplicateColumn, "42701", "A column name stands twice.")                                     \
  X(kAmbiguousColumn, "42702", "A name can mean more than one thing.")                            \
  X(kUndefinedColumn, "42703", "The column does not exist.")                                      \
  X(kUndefinedObject, "42704", "The object does not exist.")                                      \
  X(kDuplicateObject, "42710", "The object exists already.")                                      \
  X(kDuplicateAlias, "42712", "A table name stands twice in FROM.")                               \
  X(kAmbiguousFunction, "42725", "The function call fits more than one function.")                \
  X(kGroupingError, "42803", "A column is neither grouped nor aggregated.")                       \
  X(kDatatypeMismatch, "42804", "The types do not fit each other.")                               \
  X(kWrongObjectType, "42809", "The object is of the wrong kind.")                                \
  X(kInvalidForeignKey, "42830", "The foreign key does not reference a unique constraint.")       \
  X(kCannotCoerce, "42846", "There is no conversion between the two types.")                      \
  X(kUndefinedFunction, "42883", "The function or operator does not exist for these types.")      \
  X(kUndefinedTable, "42P01", "The table does not exist.")                                        \
  X(kUndefinedParameter, "42P02", "The parameter has no value.")                                  \
  X(kDuplicateTable, "42P07", "The table exists already.")                                        \
  X(kInvalidColumnReference, "42P10", "The column reference is not allowed here.")                \
  X(kInvalidObjectDefinition, "42P17", "The definition of the object is not valid.")              \
  X(kInvalidTableDefinition, "42P16", "The table definition is not valid.")                       \
  X(kIndeterminateType, "42P18", "The type cannot be determined.")                                \
  X(kInvalidRecursion, "42P19", "A recursive query is not of a form that has a result.")          \
  X(kWindowingError, "42P20", "A window is not allowed here, or is not well defined.")            \
  X(kDiskFull, "53100", "There is no room on the disk.")                                          \
  X(kOutOfMemory, "53200", "Out of memory.")                                                      \
  X(kStatementTooComplex, "54001", "The statement is nested too deeply.")                         \
  X(kTooManyColumns, "54011", "There are too many columns.")                                      \
  X(kTooManyParameters, "54023", "There are too many parameters.")                                \
  X(kProgramLimit, "54000", "A limit of the program is exceeded.")                                \
  X(kObjectNotReady, "55000", "The object is not in the state that the operation needs.")         \
  X(kObjectInUse, "55006", "The object is in use.")                                               \
  X(kLockNotAvailable, "55P03", "A row is locked by another transaction.")                        \
  X(kQueryCanceled, "57014", "The statement was interrupted.")                                    \
  X(kWrongParameterCount, "07001", "The number of parameters is not what the statement needs.")   \
  X(kConnectionClosed, "08003", "The connection is closed.")                                      \
  X(kUndefinedFile, "58P01", "The file does not exist.")                                          \
  X(kIoError, "58030", "The operating system reported an input/output error.")                    \
  X(kSnapshotTooOld, "72000", "What the transaction or the result has to read was given up.")     \
  X(kInternalError, "XX000", "An internal error; please report it.")                              \
  X(kDataCorrupted, "XX001", "Stored data are damaged.")

enum class ErrorCode : uint8_t {
#define TUPELO_ENUM(name, sqlstate, sentence) name,
  TUPELO_ERROR_CODES(TUPELO_ENUM)
#undef TUPELO_ENUM
};

// The five characters of SQLSTATE for `code`.
std::string_view SqlState(ErrorCode code);

// A place in the SQL text as a byte offset; kNoPosition where there is none.
using Position = uint32_t;
inline constexpr Position kNoPosition = 0xFFFFFFFFu;

// The one exception of the engine: thrown only for what ends the statement.
class Error : public std::exception {
 public:
  Error(ErrorCode code, std::string message, Position position = kNoPosition)
      : code_(code), position_(position), message_(std::move(message)) {}

  const char* what() const noexcept override { return message_.c_str(); }
  ErrorCode code() const { return code_; }
  std::string_view sqlstate() const { return SqlState(code_); }
  const std::string& message() const { return message_; }

  // Byte offset in the statement's text, or kNoPosition; line and column (1-based, columns in
  // characters) are filled in by the engine, which knows the text; 0 where unknown.
  Position position() const { return position_; }
  uint32_t line() const { return line_; }
  uint32_t column() const { return column_; }

  // Names of the objects concerned, in the spelling of their definition; empty where there are
  // none.
  const std::string& table_name() const { return table_name_; }
  const std::string& column_name() const { return column_name_; }
  const std::string& constraint_name() const { return constraint_name_; }

  Error& AtPosition(Position position) {
    if (position_ == kNoPosition) position_ = position;
    return *this;
  }
  // Computes line and column from `text`, the statement the position refers to.
  Error& Locate(std::string_view text);
  Error& OnTable(std::string name) {
    table_name_ = std::move(name);
    return *this;
  }
  Error& OnColumn(std::string name) {
    column_name_ = std::move(name);
    return *this;
  }
  Error& OnConstraint(std::string name) {
    constraint_name_ = std::move(name);
    return *this;
  }

 private:
  ErrorCode code_;
  Position position_;
  uint32_t line_ = 0;
  uint32_t column_ = 0;
  std::string message_;
  std::string table_name_, column_name_, constraint_name_;
};

}  // namespace tupelo
