X'0aFF' || N'nat' || 'two'
 'parts' || UNKNOWN || 12345678901234567890